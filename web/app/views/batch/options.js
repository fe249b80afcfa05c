// What answers the rows, how fast each variant is here, and the button that begins.

import { html, nothing } from "lit/html.js";
import { fastest, obstacle, occupation } from "../../batch-state.js";
import { bytesText, numberText } from "../../format.js";
import { failureSentence } from "./source.js";

/** @typedef {import("../../batch-state.js").BatchState} BatchState */
/** @typedef {import("../../batch-state.js").Given} Given */
/** @typedef {import("../../../shared/release.js").Pipeline} Pipeline */
/** @typedef {import("../../../shared/release.js").Variant} Variant */
/** @typedef {import("./page.js").Actions} Actions */

/**
 * @param {BatchState} state
 * @param {Given} given
 * @param {Pipeline} offer
 * @param {Actions} actions
 */
export function optionsView(state, given, offer, actions) {
  const { options } = state;
  const why = obstacle(state);
  const busy = occupation(state) !== "";
  return html`
    <section class="panel" aria-labelledby="options-title">
      <h2 id="options-title">What answers</h2>
      <div class="options">
        ${selectView("variant", "Variant", variantChoices(state, offer), options.variant, busy, (variant) => actions.choose({ variant }))}
        ${selectView("engine", "Engine", engineChoices(offer, options.variant), options.engine, busy, (engine) => actions.choose({ engine: /** @type {"graph" | "python"} */ (engine) }))}
        ${selectView("threads", "Threads of the model", threadChoices(state.mostThreads), String(options.threads), busy, (threads) => actions.choose({ threads: Number(threads) }))}
      </div>
      ${offer.variants.some(({ graph }) => graph) ? speedsView(state, offer, actions) : nothing}
      <p class="actions">
        <button type="button" class="primary" data-testid="start" ?disabled=${why !== ""} aria-describedby="start-why" @click=${actions.start}>Answer all rows</button>
        <span id="start-why" class=${why === "" ? "hint" : "problem"} data-testid="obstacle">${why || roomText(state, given)}</span>
      </p>
      ${state.taskFailure !== null && state.job === null ? html`<p class="problem" role="alert" data-testid="start-failure">${failureSentence(state.taskFailure)}</p>` : nothing}
    </section>
  `;
}

/**
 * @param {string} id
 * @param {string} title
 * @param {readonly { value: string, text: string, able?: boolean }[]} choices
 * @param {string} chosen
 * @param {boolean} disabled
 * @param {(value: string) => unknown} onChoose
 */
function selectView(id, title, choices, chosen, disabled, onChoose) {
  const onChange = (/** @type {Event} */ event) => onChoose(/** @type {HTMLSelectElement} */ (event.target).value);
  return html`
    <div class="field">
      <label for=${id}>${title}</label>
      <select id=${id} data-testid=${id} ?disabled=${disabled || choices.length < 2} @change=${onChange}>
        ${choices.map(({ value, text, able = true }) => html`<option value=${value} ?selected=${value === chosen} ?disabled=${!able}>${text}</option>`)}
      </select>
    </div>
  `;
}

/**
 * @param {BatchState} state
 * @param {Pipeline} offer
 */
function variantChoices(state, { variants, default_variant }) {
  const best = fastest(state)?.variant;
  return variants.map(({ name, size_bytes }) => {
    const speed = state.speeds.find((each) => each.variant === name);
    const words = [bytesText(size_bytes)];
    if (name === default_variant) words.push("the release’s choice");
    if (speed) words.push(`${rateText(speed.rows_per_s)} by itself`);
    if (name === best) words.push("fastest here");
    return { value: name, text: `${name} (${words.join(", ")})` };
  });
}

/**
 * @param {Pipeline} offer
 * @param {string} chosen
 */
function engineChoices({ variants, graph_reason }, chosen) {
  const able = Boolean(variants.find(({ name }) => name === chosen)?.graph);
  return [
    {
      value: "graph",
      text: able ? "one graph, no Python (fast)" : `one graph: not here (${graph_reason ?? "this variant has none"})`,
      able,
    },
    { value: "python", text: "Python around the model (slower)" },
  ];
}

/** @param {number} most */
function threadChoices(most) {
  return Array.from({ length: most }, (_, place) => ({ value: String(place + 1), text: String(place + 1) }));
}

/**
 * @param {BatchState} state
 * @param {Pipeline} offer
 * @param {Actions} actions
 */
function speedsView(state, offer, { timeVariants }) {
  const best = fastest(state);
  const busy = occupation(state) !== "";
  return html`
    <p class="actions">
      <button type="button" data-testid="time-variants" ?disabled=${busy} @click=${timeVariants}>Find the fastest</button>
      <span class="hint" data-testid="speeds" role="status">${
        state.timing !== ""
          ? `Timing ${state.timing}…`
          : best === null
            ? `Times each of the ${offer.variants.length} variants on the file’s first rows; smaller ones may answer a little worse (see their cards).`
            : `${best.variant} is the fastest here: ${rateText(best.rows_per_s)} by itself. Reading and storing come on top.`
      }</span>
    </p>
  `;
}

/**
 * Rows a second with as many digits as matter.
 *
 * @param {number} rows_per_s
 */
export function rateText(rows_per_s) {
  const digits = Math.max(0, Math.floor(Math.log10(Math.max(1, rows_per_s))) - 1);
  return `${numberText(Math.round(rows_per_s / 10 ** digits) * 10 ** digits)} rows/s`;
}

/**
 * Whether there is room for the file and its answers.
 *
 * @param {BatchState} state
 * @param {Given} given
 */
function roomText({ storage }, { file }) {
  if (storage === null || storage.quota_bytes === 0)
    return "The file and its answers are kept on this device until you delete them.";
  const free = storage.quota_bytes - storage.usage_bytes;
  return 2 * file.size > free
    ? `Room may run out: ${bytesText(free)} are free here, and a copy of the file (${bytesText(file.size)}) and its answers have to be kept. If it does, nothing is lost: make room and go on.`
    : `A copy of the file and its answers are kept on this device until you delete them; ${bytesText(free)} are free here.`;
}
