// Which column serves which field, what of the first rows fits, and what is carried along.

import { html, nothing } from "lit/html.js";
import { checkedHead, firstRows, occupation } from "../../batch-state.js";
import { bytesText, countText, numberText } from "../../format.js";

/** @typedef {import("../../batch-state.js").BatchState} BatchState */
/** @typedef {import("../../batch-state.js").Checked} Checked */
/** @typedef {import("../../batch-state.js").Given} Given */
/** @typedef {import("../../../shared/release.js").Pipeline} Pipeline */
/** @typedef {import("../../../generated/vocabulary.js").Field} Field */
/** @typedef {import("./page.js").Actions} Actions */

const SHOWN_ROWS = 6;
const SHOWN_PROBLEMS = 8;

/**
 * @param {BatchState} state
 * @param {Given} given
 * @param {Pipeline} offer
 * @param {Actions} actions
 */
export function columnsView(state, given, offer, actions) {
  const checked = checkedHead(offer.encoding, given, state.mapping);
  const { contract } = offer;
  const typed = contract.context.length > 0 && contract.context.some(({ name }) => state.mapping[name] != null);
  return html`
    <section class="panel" aria-labelledby="columns-title">
      <header class="panel-head">
        <h2 id="columns-title" tabindex="-1">${given.file.name}</h2>
        <p class="hint" data-testid="file-facts">${factsText(given)}</p>
        <button type="button" data-testid="put-away" ?disabled=${occupation(state) !== ""} @click=${actions.putAway}>Another file</button>
      </header>
      <h3 id="fields-title">What the model asks, and the columns that tell it</h3>
      <div class="fields" role="group" aria-labelledby="fields-title" data-testid="fields">
        ${contract.fields.map((field) => fieldView(field, state, given, checked, actions))}
      </div>
      ${
        contract.context.length > 0
          ? html`<details class="context-columns" ?open=${typed}>
              <summary>${countText(contract.context.length, "more value")} that the model knows from elsewhere</summary>
              <p class="hint">
                What no column tells is looked up in the release as of each row’s time, or left out: whatever has been going on
                just now is not in a file.
              </p>
              <div class="fields" data-testid="context-fields">${contract.context.map((field) => fieldView(field, state, given, checked, actions))}</div>
            </details>`
          : nothing
      }
      ${carriedView(state, given, actions)}
      ${headView(given, checked)}
    </section>
  `;
}

/** @param {Given} given */
function factsText({ file, format, rows, columns, head }) {
  const form = format === "csv" ? "CSV" : "Parquet";
  const many = rows === null ? "" : `, ${countText(rows, "row")}`;
  const empty = head.rows.length === 0 && head.problems.length === 0 ? ", but no rows" : "";
  return `${form}, ${bytesText(file.size)}, ${countText(columns.length, "column")}${many}${empty}`;
}

/**
 * @param {Field} field
 * @param {BatchState} state
 * @param {Given} given
 * @param {Checked} checked
 * @param {Actions} actions
 */
function fieldView({ name, title, nullable }, { mapping, task }, given, { byField }, { remap }) {
  const column = mapping[name] ?? null;
  const lacking = column === null && !nullable;
  const problems = byField.get(name) ?? [];
  const id = `column-${name}`;
  const onChange = (/** @type {Event} */ event) =>
    remap(name, /** @type {HTMLSelectElement} */ (event.target).value || null);
  return html`
    <div class="field">
      <label for=${id}>${title}</label>
      <select id=${id} data-field=${name} aria-describedby="${id}-state" aria-invalid=${lacking} ?disabled=${task.status !== "idle"} @change=${onChange}>
        <option value="" ?selected=${column === null}>${nullable ? "no column: not known" : "choose a column"}</option>
        ${given.columns.map((each) => html`<option value=${each.name} ?selected=${each.name === column}>${each.name}</option>`)}
      </select>
      <p id="${id}-state" class=${lacking || problems.length > 0 ? "problem" : "hint"}>${fieldState(lacking, column, problems, given)}</p>
    </div>
  `;
}

/**
 * @param {boolean} lacking
 * @param {string | null} column
 * @param {readonly import("../../../shared/errors.js").Problem[]} problems
 * @param {Given} given
 */
function fieldState(lacking, column, problems, given) {
  if (lacking) return "This may not be missing.";
  if (column === null) return "";
  const [first] = problems;
  if (first !== undefined)
    return `${numberText(problems.length)} of the first ${countText(given.head.rows.length, "row")} won’t do: got ${first.got}, expected ${first.expected} (row ${first.row})`;
  const { values, codes } = given.head.columns[column];
  const seen = [...new Set(codes)].map((code) => values[code]).filter((value) => value !== null && value !== "");
  return seen.length > 0 ? `such as ${seen.slice(0, 3).join(", ")}` : "";
}

/**
 * @param {BatchState} state
 * @param {Given} given
 * @param {Actions} actions
 */
function carriedView({ carried, task }, { columns }, { carry }) {
  const onChange = (/** @type {string} */ name) => (/** @type {Event} */ event) =>
    carry(name, /** @type {HTMLInputElement} */ (event.target).checked);
  return html`
    <fieldset class="carried" data-testid="carried" ?disabled=${task.status !== "idle"}>
      <legend>Columns that stand beside the answers</legend>
      <div class="checks">
        ${columns.map(
          ({ name }) => html`<label>
            <input type="checkbox" .checked=${carried.includes(name)} @change=${onChange(name)} />
            <span>${name}</span>
          </label>`,
        )}
      </div>
    </fieldset>
  `;
}

/**
 * @param {Given} given
 * @param {Checked} checked
 */
function headView(given, { problems, badRows }) {
  if (given.head.rows.length === 0 && problems.length === 0) return nothing;
  const caption = "The file’s first rows";
  return html`
    <details class="preview" open>
      <summary>${caption}</summary>
      <div class="scroll" role="region" aria-label=${caption} tabindex="0">
        <table data-testid="preview">
          <caption class="visually-hidden">${caption}</caption>
          <thead><tr><th scope="col">Row</th>${given.columns.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
          <tbody>
            ${firstRows(given, SHOWN_ROWS).map(
              ({ row, cells }) => html`<tr class=${badRows.has(row) ? "bad" : ""}>
                <th scope="row">${numberText(row)}</th>
                ${cells.map((cell) => html`<td>${cell}</td>`)}
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
    ${problems.length === 0 ? html`<p class="hint" data-testid="head-problems">All of the first ${countText(given.head.rows.length, "row")} will do.</p>` : problemsView(problems, badRows)}
  `;
}

/**
 * @param {Checked["problems"]} problems
 * @param {Checked["badRows"]} badRows
 */
function problemsView(problems, badRows) {
  return html`
    <div class="misfits" data-testid="head-problems">
      <p>${countText(badRows.size, "row")} among the first won’t be answered. They go into a file of their own, and stop nothing.</p>
      <ul>
        ${problems.slice(0, SHOWN_PROBLEMS).map(({ message }) => html`<li>${message}</li>`)}
        ${problems.length > SHOWN_PROBLEMS ? html`<li>and ${numberText(problems.length - SHOWN_PROBLEMS)} more</li>` : nothing}
      </ul>
    </div>
  `;
}
