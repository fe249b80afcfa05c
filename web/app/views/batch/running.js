// The job that is shown: how far it is, how fast, and what can be done with it.

import { html, nothing } from "lit/html.js";
import { rateOf } from "../../../shared/jobs.js";
import { hindrance, occupation, paceOf } from "../../batch-state.js";
import { countText, numberText } from "../../format.js";
import { rateText } from "./options.js";
import { failureSentence } from "./source.js";

/** @typedef {import("../../../shared/jobs.js").Job} Job */
/** @typedef {import("../../batch-state.js").BatchState} BatchState */
/** @typedef {import("./page.js").Actions} Actions */

const STOPPED = {
  full: "This site may store no more on this device. All rows answered so far are kept. Delete jobs below, or make room on the disk, then go on.",
  elsewhere: "This job runs in another tab. Look there, or close that tab and go on here.",
};

/**
 * @param {BatchState} state
 * @param {Job} job
 * @param {Actions} actions
 */
export function shownJobView(state, job, actions) {
  const busy = state.task.status !== "idle";
  return html`
    <section class="panel" aria-labelledby="job-title" data-testid="job" data-status=${busy ? state.task.status : job.status}
      data-rows=${job.progress.good + job.progress.bad} data-bad=${job.progress.bad} data-elapsed=${job.progress.elapsed_ms.toFixed(1)}>
      <h2 id="job-title" tabindex="-1">${job.name}</h2>
      <p class="hint">${aboutText(job)}</p>
      ${progressView(state, job, busy)}
      ${state.stopped === "" ? nothing : html`<p class="notice" role="alert" data-testid="stopped">${STOPPED[state.stopped]}</p>`}
      ${state.taskFailure === null ? nothing : html`<p class="problem" role="alert" data-testid="job-failure">${failureSentence(state.taskFailure)}</p>`}
      ${actionsView(state, job, busy, actions)}
    </section>
  `;
}

/** @param {Job} job */
export function aboutText({ pipeline, variant, engine, threads, release }) {
  const how = engine === "graph" ? "one graph" : "Python";
  return `${pipeline}, ${variant}, ${how}, ${countText(threads, "thread")}, release ${release}`;
}

/**
 * @param {BatchState} state
 * @param {Job} job
 * @param {boolean} busy
 */
function progressView({ task }, { progress, rows, status }, busy) {
  const { fraction, good, bad } = progress;
  const percent = Math.floor(100 * fraction);
  const of = rows === null ? "" : ` of ${numberText(rows)}`;
  return html`
    <div class="loading" data-testid="progress" data-fraction=${fraction.toFixed(4)}>
      <label for="job-bar">${taskText(task, status, busy)}</label>
      <progress id="job-bar" max="1" .value=${fraction} aria-valuetext="${percent} percent">${percent}%</progress>
      <p class="job-facts">
        <span data-testid="rows">${numberText(good + bad)}${of} rows</span>
        <span data-testid="bad">${bad === 0 ? "none wrong" : `${countText(bad, "row")} wrong`}</span>
        <span data-testid="pace">${paceText(task, progress, busy)}</span>
      </p>
    </div>
  `;
}

/**
 * @param {BatchState["task"]} task
 * @param {Job["status"]} status
 * @param {boolean} busy
 */
function taskText(task, status, busy) {
  if (!busy) return { unfinished: "Paused", done: "Done", cancelled: "Cancelled" }[status];
  if (task.status === "opening") return `Loading the model, ${Math.round(100 * task.fraction)}%`;
  return { preparing: "Keeping a copy of the file", pausing: "Pausing", running: "Answering", idle: "" }[task.status];
}

/**
 * @param {BatchState["task"]} task
 * @param {Job["progress"]} progress
 * @param {boolean} busy
 */
function paceText(task, progress, busy) {
  if (busy) {
    const pace = paceOf(task);
    return pace === null ? "" : `${rateText(pace.rows_per_s)}, ${leftText(pace.left_ms)} left`;
  }
  const rate = rateOf(progress);
  return rate === null ? "" : `${(progress.elapsed_ms / 1000).toFixed(1)} s in all, ${rateText(rate)}`;
}

/** @param {number} milliseconds */
function leftText(milliseconds) {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}

/**
 * @param {BatchState} state
 * @param {Job} job
 * @param {boolean} busy
 * @param {Actions} actions
 */
function actionsView(state, job, busy, { pause, resume, cancel, startAgain }) {
  if (busy)
    return html`<p class="actions">
      <button type="button" class="primary" data-testid="pause" ?disabled=${state.task.status !== "running"} @click=${pause}>Pause</button>
      <button type="button" data-testid="cancel-job" ?disabled=${state.task.status !== "running"} @click=${() => cancel(job.id)}>Cancel</button>
    </p>`;
  if (job.status !== "unfinished") return nothing;
  const why = hindrance(state, job);
  return html`
    <p class="actions">
      <button type="button" class="primary" data-testid="resume" ?disabled=${why !== ""} @click=${() => resume(job.id)}>Go on</button>
      ${job.release === state.release ? nothing : html`<button type="button" class="primary" data-testid="start-again" ?disabled=${occupation(state) !== ""} @click=${() => startAgain(job.id)}>Start again</button>`}
      <button type="button" data-testid="cancel-job" @click=${() => cancel(job.id)}>Cancel</button>
    </p>
    ${why === "" ? nothing : html`<p class="notice" data-testid="hindrance">${why}</p>`}
  `;
}
