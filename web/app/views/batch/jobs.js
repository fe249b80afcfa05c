// The jobs that are stored on this device, and the room they take.

import { html, nothing } from "lit/html.js";
import { occupation } from "../../batch-state.js";
import { bytesText, countText, numberText } from "../../format.js";
import { aboutText } from "./running.js";
import { failureSentence } from "./source.js";

/** @typedef {import("../../../shared/jobs.js").Job} Job */
/** @typedef {import("../../batch-state.js").BatchState} BatchState */
/** @typedef {import("./page.js").Actions} Actions */

const created = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/**
 * @param {BatchState} state
 * @param {Actions} actions
 */
export function jobsView(state, actions) {
  const { jobs, job, given, taskFailure } = state;
  return html`
    <section class="panel" aria-labelledby="jobs-title" data-testid="jobs">
      <h2 id="jobs-title" tabindex="-1">Kept on this device</h2>
      ${jobs.length === 0 ? html`<p class="hint">No jobs yet.</p>` : html`<ul class="jobs">${jobs.map((each) => jobView(each, state, actions))}</ul>`}
      ${taskFailure !== null && job === null && given === null ? html`<p class="problem" role="alert" data-testid="jobs-failure">${failureSentence(taskFailure)}</p>` : nothing}
      ${storageView(state)}
    </section>
  `;
}

/**
 * @param {Job} job
 * @param {BatchState} state
 * @param {Actions} actions
 */
function jobView(job, state, { show, resume, remove }) {
  const own = state.job?.id === job.id;
  const busy = state.task.status !== "idle";
  const running = (own && busy) || state.elsewhere.has(job.id);
  const percent = Math.floor(100 * job.progress.fraction);
  return html`
    <li class="job" data-job=${job.id} data-status=${job.status} ?data-shown=${own}>
      <p class="job-about">
        <strong>${job.name}</strong>
        <span class="hint">${created.format(job.created_ms)}, ${statusText(job, running, percent)}, ${rowsText(job)}</span>
        <span class="hint">${aboutText(job)}</span>
      </p>
      <p class="actions">
        ${own ? nothing : html`<button type="button" data-testid="show-job" ?disabled=${busy} aria-label="Show ${job.name}" @click=${() => show(job.id)}>Show</button>`}
        ${job.status === "unfinished" && !own ? html`<button type="button" data-testid="resume-job" ?disabled=${occupation(state) !== ""} aria-label="Go on with ${job.name}" @click=${() => resume(job.id)}>Go on</button>` : nothing}
        <button type="button" data-testid="delete-job" ?disabled=${running} aria-label="Delete ${job.name}" @click=${() => remove(job.id)}>Delete</button>
      </p>
    </li>
  `;
}

/**
 * @param {Job} job
 * @param {boolean} running
 * @param {number} percent
 */
function statusText({ status }, running, percent) {
  if (running) return `running, ${percent}%`;
  return { unfinished: `unfinished, ${percent}%`, done: "done", cancelled: `cancelled at ${percent}%` }[status];
}

/** @param {Job} job */
function rowsText({ progress: { good, bad } }) {
  return bad === 0 ? countText(good, "answer") : `${countText(good, "answer")}, ${numberText(bad)} wrong`;
}

/** @param {BatchState} state */
function storageView({ storage }) {
  if (storage === null) return nothing;
  const { usage_bytes, quota_bytes, persisted } = storage;
  const share = quota_bytes > 0 ? Math.min(1, usage_bytes / quota_bytes) : 0;
  return html`
    <div class="storage" data-testid="storage">
      <label for="storage-bar">${bytesText(usage_bytes)} of ${bytesText(quota_bytes)} that this site may store here are taken.</label>
      <progress id="storage-bar" max="1" .value=${share}>${Math.round(100 * share)}%</progress>
      <p class="hint">${
        persisted
          ? "The browser keeps it until you delete it."
          : "A browser that runs out of room may delete all of it; save what you want to keep."
      }</p>
    </div>
  `;
}
