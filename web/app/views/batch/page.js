// The Batch page as a whole, in whatever state it is.

import { html, nothing } from "lit/html.js";
import { occupation } from "../../batch-state.js";
import { failureView } from "../loading.js";
import { columnsView } from "./columns.js";
import { jobsView } from "./jobs.js";
import { optionsView } from "./options.js";
import { resultsView } from "./results.js";
import { shownJobView } from "./running.js";
import { refusalView, sourceView } from "./source.js";

/** @typedef {import("../../batch-state.js").BatchState} BatchState */
/** @typedef {ReturnType<typeof import("../../batch-actions.js").createBatch>} Actions */

/**
 * @param {BatchState} state
 * @param {Actions} actions
 */
export function batchPage(state, actions) {
  if (state.status === "error") return failureView(state.failure, actions.begin);
  if (state.status === "loading" && state.release === "")
    return html`<p class="waiting" role="status">Reading the release…</p>`;
  return html`
    <div class="batch">
      ${pipelinesView(state, actions)}
      ${state.job === null ? nothing : [shownJobView(state, state.job, actions), resultsView(state, state.job, actions)]}
      ${offeredView(state, actions)}
      ${jobsView(state, actions)}
    </div>
    <p class="visually-hidden" role="status" data-testid="announcement">${state.said}</p>
  `;
}

/**
 * @param {BatchState} state
 * @param {Actions} actions
 */
function pipelinesView(state, { choosePipeline }) {
  const { pipelines, pipeline } = state;
  if (pipelines.length < 2) return nothing;
  const known = pipelines.some(({ name }) => name === pipeline);
  return html`
    <div class="pipelines">
      <label for="pipeline">Pipeline</label>
      <select id="pipeline" data-testid="pipelines" ?disabled=${occupation(state) !== ""} @change=${(/** @type {Event} */ event) => choosePipeline(/** @type {HTMLSelectElement} */ (event.target).value)}>
        ${known ? nothing : html`<option value="" selected>Choose one</option>`}
        ${pipelines.map(({ name, title }) => html`<option value=${name} ?selected=${name === pipeline}>${title}</option>`)}
      </select>
    </div>
  `;
}

/**
 * @param {BatchState} state
 * @param {Actions} actions
 */
function offeredView(state, actions) {
  const { pipelines, pipeline, offer, given, task } = state;
  if (offer === null)
    return html`<p class="notice" data-testid="refused">This release has no pipeline ${JSON.stringify(pipeline)}. Choose another one above.</p>`;
  const images = pipelines.find(({ name }) => name === pipeline)?.images ?? [];
  if (images.length > 0)
    return html`<p class="notice" data-testid="refused">
      ${offer.contract.title} takes images (${images.join(", ")}), which tables don’t hold. Choose another pipeline above, or show it pictures one by one.
    </p>`;
  if (task.status !== "idle" && given === null) return refusalView(state);
  return given === null
    ? sourceView(state, actions)
    : [refusalView(state), columnsView(state, given, offer, actions), optionsView(state, given, offer, actions)];
}
