// What stands in a prediction's place while there is none: progress, or what went wrong.

import { html, nothing } from "lit/html.js";
import { failureText } from "../failures.js";
import { bytesText, phaseText } from "../format.js";

/** @typedef {import("../session.js").SessionState} SessionState */
/** @typedef {{ cancel: () => void, retry: () => void }} Engine */

/**
 * @param {SessionState} session not ready
 * @param {Engine} engine
 */
export function loadingView(session, { cancel, retry }) {
  return session.status === "loading" ? progressView(session.progress, cancel) : failureView(session.failure, retry);
}

/**
 * @param {SessionState["progress"]} progress
 * @param {() => void} onCancel
 */
function progressView(progress, onCancel) {
  const fraction = progress?.fraction ?? 0;
  const percent = Math.round(100 * fraction);
  return html`
    <div class="loading" data-testid="progress" data-fraction=${fraction.toFixed(3)}>
      <label for="loading-bar">${phaseText(progress?.phase)}</label>
      <progress id="loading-bar" max="1" .value=${fraction} aria-valuetext="${percent} percent">${percent}%</progress>
      <p class="loading-detail">
        <span>${amountText(progress)}</span>
        <button type="button" data-testid="cancel" @click=${onCancel}>Cancel</button>
      </p>
    </div>
  `;
}

/** @param {SessionState["progress"]} progress */
function amountText(progress) {
  if (!progress?.total_bytes) return "";
  return `${bytesText(progress.loaded_bytes)} of ${bytesText(progress.total_bytes)}`;
}

/**
 * @param {unknown} failure
 * @param {() => void} onRetry
 */
export function failureView(failure, onRetry) {
  const { title, advice, detail, retry } = failureText(failure);
  return html`
    <div class="failure" role="alert" data-testid="failure">
      <h3>${title}</h3>
      <p>${advice}</p>
      ${retry ? html`<button type="button" class="primary" data-testid="retry" @click=${onRetry}>Try again</button>` : nothing}
      ${detail === "" ? nothing : html`<details><summary>Technical detail</summary><p>${detail}</p></details>`}
    </div>
  `;
}
