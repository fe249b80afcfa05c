// What the model is: what it learned from, how good it is beside simple rules, where it must not be trusted.

import { html } from "lit/html.js";
import { qualityTable } from "../card.js";
import { countText, dateText, numberText } from "../format.js";

/** @typedef {import("../card.js").Card} Card */

/** @param {Card} card */
export function cardView(card) {
  return html`
    <h2 id="about-title">About this model</h2>
    <div class="about">
      <div class="about-quality">
        <p>${card.description}</p>
        <p>${learnedText(card)}</p>
        ${tableView(card)}
      </div>
      <div class="about-limits">
        <h3>Limits</h3>
        <ul>
          ${card.limits.map((limit) => html`<li>${limit}</li>`)}
        </ul>
      </div>
    </div>
    <p class="origin">
      Data: ${card.data.source}, ${countText(card.data.rows, "row")}, licence ${card.data.licence}. Model: licence ${card.licence},
      ${numberText(card.variants[0]?.parameters ?? 0)} parameters.
    </p>
  `;
}

/** @param {Card} card */
function learnedText({ data }) {
  const period = (/** @type {[string, string]} */ [first, last]) => `${dateText(first)} to ${dateText(last)}`;
  return `It learned from ${numberText(data.train_rows)} rows of ${period(data.train_period)} and was tested on
    ${numberText(data.test_rows)} later ones, of ${period(data.test_period)}. Errors on those, smaller is better:`;
}

/** @param {Card} card */
function tableView(card) {
  const { groups, columns, rows } = qualityTable(card);
  return html`
    <table data-testid="quality">
      <caption class="visually-hidden">Errors on the test data, of this model and of what it is compared with</caption>
      <thead>
        <tr>
          <th rowspan="2" scope="col">Predicted by</th>
          ${groups.map(({ title, span }) => html`<th class="group" scope="colgroup" colspan=${span}>${title}</th>`)}
        </tr>
        <tr>${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}</tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ name, released, values }) => html`<tr class=${released ? "released" : "baseline"}>
            <th scope="row">${name}</th>
            ${values.map((value) => html`<td>${value === "" ? "–" : value}</td>`)}
          </tr>`,
        )}
      </tbody>
    </table>
  `;
}
