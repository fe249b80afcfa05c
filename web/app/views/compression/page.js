// The Compression page as a whole, in whatever state it is.

import { html, nothing } from "lit/html.js";
import { measurable, shownOptions, shownPoints } from "../../compression-state.js";
import { dateText } from "../../format.js";
import { failureView } from "../loading.js";
import { controlsView } from "./controls.js";
import { detailView } from "./detail.js";
import { measureView } from "./measure.js";
import { keysView, plotView, sizeAxis, timeAxis } from "./plot.js";
import { studiesView } from "./studies.js";
import { tableView } from "./table.js";

/** @typedef {import("../../compression-state.js").CompressionState} CompressionState */
/** @typedef {ReturnType<typeof import("../../compression-actions.js").createCompression>} Actions */

/**
 * @param {CompressionState} state
 * @param {Actions} actions
 */
export function compressionPage(state, actions) {
  return html`
    ${state.pipelines.length > 1 ? pipelinesView(state, actions) : nothing}
    ${partView(state, actions)}
    ${state.studies === null ? nothing : studiesView(state.studies)}
  `;
}

/**
 * @param {CompressionState} state
 * @param {Actions} actions
 */
function partView(state, actions) {
  if (state.status === "error") return failureView(state.failure, actions.begin);
  if (state.status === "empty")
    return html`<p class="notice" data-testid="empty">
      No pipeline of this release was compressed. <code>python3 build.py compress NAME</code> does it, for a pipeline with recipes.
    </p>`;
  return state.material === null || state.choice === null || state.status === "loading"
    ? html`<p class="waiting" role="status">Reading what was recorded…</p>`
    : comparisonView(state, actions);
}

/**
 * @param {CompressionState} state
 * @param {Actions} actions
 */
function pipelinesView({ pipelines, pipeline }, { show }) {
  return html`
    <div class="pipelines">
      <label for="pipeline">Pipeline</label>
      <select id="pipeline" data-testid="pipelines" @change=${(/** @type {Event} */ event) => show(/** @type {HTMLSelectElement} */ (event.target).value)}>
        ${pipelines.map(({ name, title }) => html`<option value=${name} ?selected=${name === pipeline}>${title}</option>`)}
      </select>
    </div>
  `;
}

/**
 * @param {CompressionState} state
 * @param {Actions} actions
 */
function comparisonView(state, actions) {
  const { material, choice, chosen } = state;
  const options = shownOptions(state);
  if (material === null || choice === null || options === null) return nothing;
  const { facts } = material;
  const points = shownPoints(state);
  const shown = points.find(({ name }) => name === chosen) ?? points[0];
  const plot = { facts, choice, points, chosen: shown.name, onChoose: actions.point };
  return html`
    <section class="tradeoffs" aria-label="Comparison">
      ${controlsView(options, choice, actions)}
      <div class="plots">
        ${plotView({ ...plot, id: "size", axis: sizeAxis(points, choice) })}
        ${plotView({ ...plot, id: "time", axis: timeAxis(points, facts, choice) })}
      </div>
      ${keysView(points)}
      <div class="closer">
        ${detailView(shown, facts, choice, measurable(state))}
        ${measureView(state, actions)}
      </div>
    </section>
    ${tableView(state, points, actions)}
    <section class="tradeoffs-notes" aria-labelledby="how-title">
      <h2 id="how-title">How this was measured</h2>
      ${facts.notes.map((note) => html`<p>${note}</p>`)}
      <p>
        Losses are those of native ONNX Runtime on held-out data; intervals hold 95% of a bootstrap over blocks of rows that depend on one
        another. ${facts.timings.map(timingText).join(" ")} A ratio is the median over rounds in which all models took turns.
      </p>
      ${Object.entries(facts.untimed).map(([provider, reason]) => html`<p>Nothing is recorded on ${provider}: ${reason}.</p>`)}
    </section>
  `;
}

/** @param {import("../../compression/facts.js").Timing} timing */
function timingText({ provider, created, environment }) {
  const browser = /(?:Headless)?(?:Chrome|Firefox)\/[\d.]+/.exec(environment.user_agent)?.[0] ?? "a browser";
  const adapter = provider === "webgpu" ? ` and ${environment.webgpu}` : "";
  return `Times on ${provider} are of ${browser.replace("/", " ")} on ${environment.cores} cores${adapter}, ${dateText(created.slice(0, 10))}.`;
}
