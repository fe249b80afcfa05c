// A table that scrolls sideways in its own frame where the screen is narrow.

import { html } from "lit/html.js";

/**
 * @typedef {{title: string, numeric?: boolean, hint?: string}} Column
 * @typedef {{label: string, cells: unknown[], note?: unknown, engine?: string}} Row
 */

/**
 * @param {object} table
 * @param {string} table.caption
 * @param {readonly Column[]} table.columns The first is the row's label.
 * @param {readonly Row[]} table.rows A row with a note has that in place of its cells.
 * @param {string} [table.testid]
 */
export function tableView({ caption, columns, rows, testid = "" }) {
  return html`
    <div class="scroll" role="region" aria-label=${caption} tabindex="0">
      <table data-testid=${testid}>
        <caption class="visually-hidden">${caption}</caption>
        <thead>
          <tr>
            ${columns.map(({ title, numeric, hint }) => html`<th scope="col" class=${numeric ? "number" : ""} title=${hint ?? ""}>${title}</th>`)}
          </tr>
        </thead>
        <tbody>${rows.map((row) => rowView(row, columns))}</tbody>
      </table>
    </div>
  `;
}

/**
 * @param {Row} row
 * @param {readonly Column[]} columns
 */
function rowView({ label, cells, note, engine = "" }, columns) {
  return html`
    <tr data-engine=${engine}>
      <th scope="row">${label}</th>
      ${
        note === undefined
          ? cells.map((cell, i) => html`<td class=${columns[i + 1].numeric ? "number" : ""}>${cell}</td>`)
          : html`<td class="note" colspan=${columns.length - 1}>${note}</td>`
      }
    </tr>
  `;
}
