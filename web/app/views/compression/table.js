// All figures in a table that sorts, and what can be taken away of them.

import { html } from "lit/html.js";
import { changeText, techniquesText } from "../../compression/facts.js";
import { csvText, jsonText, sorted } from "../../compression/table.js";
import { numberText } from "../../format.js";
import { placeText } from "./controls.js";
import { fasterText, spreadText } from "./words.js";

/** @typedef {import("../../compression-state.js").CompressionState} CompressionState */
/** @typedef {import("../../compression/points.js").Point} Point */
/** @typedef {import("./page.js").Actions} Actions */

const VERDICTS = { released: "released", holds: "holds the budget", refused: "loses too much" };

/** @type {{ key: string, title: string, cell: (point: Point) => unknown }[]} */
const COLUMNS = [
  { key: "status", title: "Verdict", cell: ({ status }) => VERDICTS[status] },
  { key: "bytes", title: "Bytes", cell: ({ bytes }) => numberText(bytes) },
  { key: "smaller", title: "Smaller", cell: ({ smaller }) => `${smaller.toFixed(1)}×` },
  { key: "change", title: "Loses more", cell: (point) => changeCell(point) },
  { key: "time", title: "Time", cell: ({ recorded }) => (recorded === null ? "–" : spreadText(recorded)) },
  { key: "faster", title: "Faster", cell: ({ recorded }) => (recorded === null ? "–" : fasterText(recorded)) },
  { key: "own", title: "Time here", cell: ({ own }) => (own === null ? "–" : spreadText(own)) },
  { key: "own_faster", title: "Faster here", cell: ({ own }) => (own === null ? "–" : fasterText(own)) },
  {
    key: "load",
    title: "Load",
    cell: ({ recorded }) => (recorded === null ? "–" : `${recorded.load_ms.toFixed(1)} ms`),
  },
  { key: "parameters", title: "Parameters", cell: ({ parameters }) => numberText(parameters) },
];

/**
 * @param {CompressionState} state
 * @param {readonly Point[]} points
 * @param {Actions} actions
 */
export function tableView(state, points, actions) {
  const { choice, order, chosen } = state;
  const caption = choice === null ? "" : `All variants, ${placeText(choice)}`;
  return html`
    <section class="figures" aria-labelledby="figures-title">
      <h2 id="figures-title">All figures</h2>
      <div class="scroll" role="region" aria-label=${caption} tabindex="0">
        <table data-testid="figures">
          <caption class="visually-hidden">${caption}</caption>
          <thead>
            <tr>
              ${headView("name", "Variant", order, actions)}
              ${COLUMNS.map(({ key, title }) => headView(key, title, order, actions))}
              <th scope="col" class="words">Recipe</th>
            </tr>
          </thead>
          <tbody>
            ${sorted(points, order).map(
              (point) => html`<tr class=${point.name === chosen ? "released" : "baseline"} data-name=${point.name}>
                <th scope="row">${point.name}</th>
                ${COLUMNS.map(({ cell }) => html`<td>${cell(point)}</td>`)}
                <td class="words">${techniquesText(point.steps)}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${exportView(state)}
    </section>
  `;
}

/**
 * @param {string} key
 * @param {string} title
 * @param {import("../../compression/table.js").Order} order
 * @param {Actions} actions
 */
function headView(key, title, order, { sort }) {
  const direction = order.descending ? "descending" : "ascending";
  const mark = order.descending ? "▼" : "▲";
  const by = order.key === key;
  return html`<th scope="col" aria-sort=${by ? direction : "none"}>
    <button type="button" class="sorter" data-sort=${key} @click=${() => sort(key)}>${title} <span aria-hidden="true">${by ? mark : ""}</span></button>
  </th>`;
}

/** @param {Point} point */
function changeCell({ base, change }) {
  if (base) return "–";
  const [value, low, high] = [change.value, change.low, change.high].map((each) => changeText(each, change.relative));
  return `${value} (${low} to ${high})`;
}

/** @param {CompressionState} state */
function exportView({ material, own, pipeline, release }) {
  if (material === null) return "";
  const save = (/** @type {"csv" | "json"} */ ending) => {
    const text = ending === "csv" ? csvText(material.facts, own) : jsonText(material.facts, release, own);
    saveAs(`foreshore-compression-${pipeline}.${ending}`, text, ending === "csv" ? "text/csv" : "application/json");
  };
  return html`
    <p class="actions">
      <button type="button" data-testid="save-csv" @click=${() => save("csv")}>Save as CSV</button>
      <button type="button" data-testid="save-json" @click=${() => save("json")}>Save as JSON</button>
      <span class="hint">${own.length > 0 ? "With what was measured here." : "All exams, batches and threads."}</span>
    </p>
  `;
}

/**
 * @param {string} name
 * @param {string} text
 * @param {string} type
 */
function saveAs(name, text, type) {
  const href = URL.createObjectURL(new Blob([text], { type }));
  Object.assign(document.createElement("a"), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
