// Where the rows come from: a file, or a sample.

import { html, nothing } from "lit/html.js";
import { onlyOne } from "../../batch/receiving.js";
import { failureText } from "../../failures.js";

/** @typedef {import("../../batch-state.js").BatchState} BatchState */
/** @typedef {import("./page.js").Actions} Actions */

/**
 * @param {BatchState} state
 * @param {Actions} actions
 */
export function sourceView(state, { give, trySample }) {
  const onChange = (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const files = [...(input.files ?? [])];
    input.value = ""; // so that the same file can be chosen again
    if (files.length > 0) give(() => onlyOne(files));
  };
  return html`
    <section class="panel" aria-labelledby="source-title">
      <h2 id="source-title">${state.job === null ? "A file" : "Another file"}</h2>
      <label class="drop">
        <input type="file" accept=".csv,.tsv,.txt,.parquet,text/csv,application/vnd.apache.parquet" data-testid="file" @change=${onChange} />
        <span class="drop-title">${state.reading ? "Reading…" : "Choose a CSV or Parquet file"}</span>
        <span class="hint">or drop one anywhere on this page. CSV: with a header line, in UTF-8 or UTF-16; the delimiter is found out.</span>
      </label>
      ${refusalView(state)}
      ${state.fileFailure === null ? nothing : html`<p class="problem" role="alert" data-testid="file-failure">${failureSentence(state.fileFailure)}</p>`}
      ${
        state.offer?.golden
          ? html`<p class="actions">
              <span>Or try it at once:</span>
              <button type="button" data-testid="sample-recorded" @click=${() => trySample("recorded")}>The recorded cases</button>
              <button type="button" data-testid="sample-drawn" @click=${() => trySample("drawn")}>100,000 rows drawn from them, some wrong</button>
            </p>`
          : nothing
      }
    </section>
  `;
}

/** @param {BatchState} state */
export function refusalView({ refusal }) {
  if (refusal === null) return nothing;
  return html`<p class="problem" role="alert" data-testid="refusal"><strong>${refusal.title}</strong> ${refusal.advice}</p>`;
}

/** What is wrong with a file is said by the error itself. @param {unknown} failure */
export function failureSentence(failure) {
  const { kind = "", message = "" } = /** @type {{ kind?: string, message?: string }} */ (failure ?? {});
  if (kind === "validation") return message;
  const { title, advice, detail } = failureText(failure);
  return `${title} ${advice} ${detail}`;
}
