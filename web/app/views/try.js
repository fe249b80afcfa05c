// Any pipeline, tried by its contract: the answer, and beside it the form.

import { html, nothing } from "lit/html.js";
import { threadsNote } from "../failures.js";
import { visibleProblems } from "../form-state.js";
import { numberText } from "../format.js";
import { formView } from "./form.js";
import { failureView, loadingView } from "./loading.js";
import { badgeView, variantView } from "./result.js";

/** @typedef {import("../foreshore.js").Answer} Answer */
/** @typedef {import("../foreshore.js").Offer} Offer */
/** @typedef {ReturnType<typeof import("../try-actions.js").createTrial>} Actions */

/** @typedef {import("../pipeline-page.js").Surroundings & { actions: Actions }} TryModel */

/** @param {TryModel} model */
export function tryView(model) {
  const { offer, actions, onSubmit } = model;
  const { form, problems } = actions.state();
  return html`
    <div class="arrivals">
      <section class="result" aria-labelledby="result-title">
        <h2 id="result-title">Answer</h2>
        ${answerView(model)}
      </section>
      <section class="picker" aria-labelledby="picker-title">
        <h2 id="picker-title">Input</h2>
        ${formView({
          fields: offer.contract.fields,
          values: form.values,
          problems: visibleProblems(form, problems),
          onInput: actions.input,
          onSettled: actions.settle,
          onSubmit,
          submitLabel: "Predict",
        })}
      </section>
    </div>
  `;
}

/** @param {TryModel} model */
function answerView({ session, offer, actions, engine, device }) {
  const { answered, failure } = actions.state();
  const note = threadsNote(device);
  return html`
    ${session.status === "ready" ? nothing : loadingView(session, engine)}
    ${failure === null ? nothing : failureView(failure, actions.ask)}
    <div role="status">${answered === null ? nothing : outputsView(offer, answered.answer)}</div>
    ${answered === null ? nothing : badgeView(answered.answer)}
    ${variantView({
      variants: offer.variants,
      chosen: session.variant || offer.default_variant,
      onChoose: engine.start,
    })}
    ${note === "" ? nothing : html`<p class="notice" data-testid="threads-note">${note}</p>`}
  `;
}

/**
 * @param {Offer} offer
 * @param {Answer} answer
 */
function outputsView({ contract }, answer) {
  return contract.outputs.map(({ name, title, unit, description, decimals }) => {
    const value = Number(answer[name]);
    const rounded = decimals === null ? value : Number(value.toFixed(decimals));
    return html`
      <p class="output-title">${title}</p>
      <p class="prediction" data-testid="prediction" data-value=${value}>${numberText(rounded)} ${unit}</p>
      <p class="hint">${description}</p>
    `;
  });
}
