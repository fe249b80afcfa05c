// What a job has answered: charts, a table page by page, files to take away, and the rows that were wrong.

import { html, nothing } from "lit/html.js";
import { resultColumns } from "../../../shared/jobs.js";
import { cellText, PAGE_ROWS } from "../../batch-state.js";
import { countText, decimalText, numberText } from "../../format.js";
import { histogramView, labelsView } from "./charts.js";

/** @typedef {import("../../../shared/jobs.js").Job} Job */
/** @typedef {import("../../batch-state.js").BatchState} BatchState */
/** @typedef {import("./page.js").Actions} Actions */

/**
 * @param {BatchState} state
 * @param {Job} job
 * @param {Actions} actions
 */
export function resultsView(state, job, actions) {
  const { good, problems } = job.progress;
  if (good + problems === 0 || state.task.status !== "idle") return nothing;
  return html`
    <section class="panel" aria-labelledby="results-title" data-testid="results">
      <h2 id="results-title">Answers</h2>
      ${good === 0 ? html`<p class="hint">No row of this file could be answered.</p>` : [downloadsView(state, actions), chartsView(job), tableView(state, job, actions)]}
    </section>
    ${problems === 0 ? nothing : badRowsView(state, job, actions)}
  `;
}

/**
 * @param {BatchState} state
 * @param {Actions} actions
 */
function downloadsView({ saving }, { save }) {
  return html`
    <p class="actions">
      <button type="button" data-testid="save-csv" ?disabled=${saving} @click=${() => save("csv")}>Save as CSV</button>
      <button type="button" data-testid="save-parquet" ?disabled=${saving} @click=${() => save("parquet")}>Save as Parquet</button>
      ${saving ? html`<span class="hint" role="status">Writing the file…</span>` : nothing}
    </p>
  `;
}

/** @param {Job} job */
function chartsView({ outputs, progress }) {
  return outputs.map((output) => {
    const histogram = progress.histograms[output.name];
    if (histogram) return histogramView(output, histogram);
    const labels = progress.labels[output.name];
    return labels ? labelsView(output, labels) : nothing;
  });
}

/**
 * @param {BatchState} state
 * @param {Job} job
 * @param {Actions} actions
 */
function tableView({ results }, job, { turn }) {
  const columns = resultColumns(job);
  const caption = "Answers, row by row";
  const carried = columns.length - job.outputs.reduce((sum, { labels }) => sum + (labels.length ? 3 : 1), 0);
  // Beside the row's number, where they are seen without scrolling; files have them at the end.
  const head = [...columns.slice(carried).map(({ name }) => ({ name, answer: true })), ...columns.slice(0, carried)];
  return html`
    <div class="scroll" role="region" aria-label=${caption} tabindex="0">
      <table data-testid="results-table">
        <caption class="visually-hidden">${caption}</caption>
        <thead>
          <tr>
            <th scope="col">Row</th>
            ${head.map((column) => html`<th scope="col" class=${"answer" in column ? "answer" : ""}>${column.name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${results.rows.map(
            ([row, ...cells]) => html`<tr>
              <th scope="row">${numberText(Number(row))}</th>
              ${cells.slice(carried).map((cell, place) => html`<td class="answer">${answerText(cell, place, job)}</td>`)}
              ${cells.slice(0, carried).map((cell) => html`<td>${cellText(cell)}</td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${pagerView("results", results.start, results.rows.length, job.progress.good, "answer", turn)}
  `;
}

/**
 * @param {unknown} value
 * @param {number} place among the outputs' columns
 * @param {Job} job
 */
function answerText(value, place, { outputs }) {
  if (typeof value !== "number" || Number.isInteger(value)) return cellText(value);
  const decimals = outputs.length === 1 ? outputs[place]?.decimals : null;
  return decimalText(value, Math.max(2, decimals ?? 2));
}

/**
 * @param {string} id
 * @param {number} start
 * @param {number} shown
 * @param {number} all
 * @param {string} noun
 * @param {(start: number) => unknown} turn
 */
function pagerView(id, start, shown, all, noun, turn) {
  if (all <= PAGE_ROWS) return nothing;
  const last = Math.floor((all - 1) / PAGE_ROWS) * PAGE_ROWS;
  const onGo = (/** @type {Event} */ event) => {
    const wanted = Number(/** @type {HTMLInputElement} */ (event.target).value);
    if (Number.isInteger(wanted) && wanted >= 1) turn(Math.min(wanted, all) - 1);
  };
  return html`
    <nav class="pager" aria-label="Pages of ${noun}s" data-testid="${id}-pager">
      <button type="button" aria-label="First page" ?disabled=${start === 0} @click=${() => turn(0)}>«</button>
      <button type="button" aria-label="Page before" data-testid="${id}-before" ?disabled=${start === 0} @click=${() => turn(start - PAGE_ROWS)}>‹</button>
      <span data-testid="${id}-place">${numberText(start + 1)} to ${numberText(start + shown)} of ${countText(all, noun)}</span>
      <button type="button" aria-label="Next page" data-testid="${id}-next" ?disabled=${start + shown >= all} @click=${() => turn(start + PAGE_ROWS)}>›</button>
      <button type="button" aria-label="Last page" ?disabled=${start + shown >= all} @click=${() => turn(last)}>»</button>
      <label>Go to <input type="number" min="1" max=${all} step="1" .value=${String(start + 1)} data-testid="${id}-go" @change=${onGo} /></label>
    </nav>
  `;
}

/**
 * @param {BatchState} state
 * @param {Job} job
 * @param {Actions} actions
 */
function badRowsView({ badRows, saving }, { progress }, { turnBad, save }) {
  const caption = "Rows that were wrong";
  return html`
    <section class="panel" aria-labelledby="bad-title" data-testid="bad-rows">
      <h2 id="bad-title">${countText(progress.bad, "row")} that could not be answered</h2>
      <p class="actions"><button type="button" data-testid="save-bad" ?disabled=${saving} @click=${() => save("bad")}>Save as CSV</button></p>
      <div class="scroll" role="region" aria-label=${caption} tabindex="0">
        <table data-testid="bad-table">
          <caption class="visually-hidden">${caption}</caption>
          <thead><tr><th scope="col">Row</th><th scope="col">Field</th><th scope="col">Reason</th></tr></thead>
          <tbody>
            ${badRows.rows.map(
              ({ row, field, reason }) =>
                html`<tr><th scope="row">${numberText(row)}</th><td>${field || "the row"}</td><td class="reason">${reason}</td></tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${pagerView("bad", badRows.start, badRows.rows.length, progress.problems, "problem", turnBad)}
    </section>
  `;
}
