// Any pipeline, tried by its contract: the answer, and beside it the form.

import { html, nothing } from "lit/html.js";
import { visibleProblems } from "../form-state.js";
import { ageText, decimalText, numberText } from "../format.js";
import { canLookUp } from "../try-actions.js";
import { formView } from "./form.js";
import { failureView, loadingView } from "./loading.js";
import { ranView } from "./ran.js";
import { rankingView } from "./see/ranking.js";

/** @typedef {import("../foreshore.js").Answer} Answer */
/** @typedef {import("../foreshore.js").Offer} Offer */
/** @typedef {ReturnType<typeof import("../try-actions.js").createTrial>} Actions */

/** @typedef {import("../pipeline-page.js").Surroundings & { actions: Actions }} TryModel */

/** @param {TryModel} model */
export function tryView(model) {
  const { offer, actions, onSubmit } = model;
  const { form, problems, answered } = actions.state();
  return html`
    <div class="arrivals">
      <section class="result short" aria-labelledby="result-title">
        <h2 id="result-title">Answer</h2>
        ${answerView(model)}
      </section>
      <section class="picker" aria-labelledby="picker-title">
        <h2 id="picker-title">Input</h2>
        ${formView({
          fields: offer.contract.fields,
          context: offer.contract.context,
          values: form.values,
          problems: visibleProblems(form, problems),
          onInput: actions.input,
          onSettled: actions.settle,
          onSubmit,
          submitLabel: "Predict",
        })}
      </section>
      ${ranView(model, { answer: answered?.answer ?? null, looksUp: canLookUp(offer) })}
    </div>
  `;
}

/** @param {TryModel} model */
function answerView({ session, offer, actions, engine }) {
  const { answered, failure } = actions.state();
  return html`
    ${session.status === "ready" ? nothing : loadingView(session, engine)}
    ${failure === null ? nothing : failureView(failure, actions.ask)}
    <div role="status">${answered === null ? nothing : [outputsView(offer, answered.answer), aheadView(answered.answer)]}</div>
  `;
}

/**
 * When an answer was computed that may have been computed ahead.
 *
 * @param {Answer} answer
 */
function aheadView({ precomputed, age_s }) {
  if (precomputed === undefined) return nothing;
  const text = precomputed ? `Computed ahead, ${ageText(age_s)} ago` : "Answered now";
  return html`<p class="hint" data-testid="ahead">${text}</p>`;
}

/**
 * @param {Offer} offer
 * @param {Answer} answer
 */
function outputsView({ contract }, answer) {
  return contract.outputs.map(
    (output) => html`
      <p class="output-title">${output.title}</p>
      ${output.labels.length ? rankingView(answer[output.name]) : numberView(output, Number(answer[output.name]))}
      ${output.description === "" ? nothing : html`<p class="hint">${output.description}</p>`}
    `,
  );
}

/**
 * @param {Offer["contract"]["outputs"][number]} output
 * @param {number} value
 */
function numberView({ unit, decimals }, value) {
  const text = decimals === null ? numberText(value) : decimalText(value, decimals);
  return html`<p class="prediction" data-testid="prediction" data-value=${value}>${text} ${unit}</p>`;
}
