// What the model is: what it learned from, how good it is beside simple rules, where it must not be trusted.

import { html, nothing } from "lit/html.js";
import {
  ablationTable,
  compressionRows,
  learnedText,
  qualityTable,
  segmentRows,
  sentence,
  situationTable,
} from "../card.js";
import { countText, numberText } from "../format.js";

/** @typedef {import("../card.js").Card} Card */

/** What fits a phone beside the names of the rows. */
const MOST_COLUMNS = 4;

/** @param {Card} card */
export function cardView(card) {
  return html`
    <h2 id="about-title">About this model</h2>
    <div class="about">
      <div class="about-quality">
        <p>${card.description}</p>
        <p>${learnedText(card.data, card.measured)}</p>
        ${measuresView(qualityTable(card), {
          id: "quality",
          caption: "Measures on the test data, of this model and of what it is compared with",
          heading: "Predicted by",
        })}
        ${situationsView(card)}
      </div>
      <div class="about-limits">
        <h3>Limits</h3>
        <ul>
          ${card.limits.map((limit) => html`<li>${limit}</li>`)}
        </ul>
      </div>
      ${card.compression ? compressionView(card.compression, card.pipeline) : nothing}
      ${card.ablation ? ablationView(card.ablation) : nothing}
      ${card.segments?.compared.length ? segmentsView(card.segments) : nothing}
    </div>
    <p class="origin">
      Data: ${card.data.source}, ${countText(card.data.rows, "row")}, licence ${card.data.licence}. Model: licence ${card.licence},
      ${numberText(card.variants[0]?.parameters ?? 0)} parameters.
    </p>
  `;
}

/**
 * Left out where the comparison above has all of it.
 *
 * @param {Card} card
 */
function situationsView(card) {
  const table = situationTable(card);
  if (table.rows.length <= qualityTable(card).groups.length) return nothing;
  const caption = "Errors of this model on the test data, by what is known";
  return html`
    <p>This model by when it is asked, and without news of other flights:</p>
    ${measuresView(table, { id: "situations", caption, heading: "Asked" })}
  `;
}

/**
 * @param {NonNullable<Card["compression"]>} compression
 * @param {string} pipeline
 */
function compressionView(compression, pipeline) {
  const { base, loss, threads, batches } = compression;
  return html`
    <section class="about-part wide" aria-labelledby="compression-title">
      <h3 id="compression-title">What its smaller variants cost</h3>
      <p>
        Times of ONNX Runtime Web on ${countText(threads, "thread")} beside those of ${base}, in the same rounds, with their quartiles; the
        change of the ${loss}, is that of the model for all, where it is worst, with its 95% interval.
        <a href="../compression/?pipeline=${encodeURIComponent(pipeline)}">Compare all variants, and measure them on your device</a>
      </p>
      <div class="scroll" role="region" aria-label="Variants" tabindex="0">
        <table data-testid="compression">
          <caption class="visually-hidden">Size, time and loss of each variant</caption>
          <thead>
            <tr>
              ${["Variant", "Size", "Smaller"].map((title) => html`<th scope="col">${title}</th>`)}
              ${batches.map((batch) => html`<th scope="col">${countText(batch, "row")}</th>`)}
              <th scope="col">Loses more</th>
            </tr>
          </thead>
          <tbody>
            ${compressionRows(compression).map(
              ({ name, size, smaller, times, worst }) => html`<tr>
                <th scope="row">${name}</th>
                <td>${size}</td>
                <td>${smaller}</td>
                ${times.map((time) => html`<td>${time}</td>`)}
                <td>${worst === "" ? "–" : worst}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </section>
  `;
}

/** @param {NonNullable<Card["ablation"]>} ablation */
function ablationView(ablation) {
  return html`
    <section class="about-part" aria-labelledby="ablation-title">
      <h3 id="ablation-title">What each part of the knowledge is worth</h3>
      ${measuresView(ablationTable(ablation), {
        id: "ablation",
        caption: "Errors on the test data, by what the model may know",
        heading: "Knows",
      })}
      <p>${ablation.note}</p>
    </section>
  `;
}

/** @param {NonNullable<Card["segments"]>} segments */
function segmentsView(segments) {
  return html`
    <section class="about-part" aria-labelledby="segments-title">
      <h3 id="segments-title">A model of its own for each ${segments.field}?</h3>
      <p>
        Trained on that ${segments.field} alone, and kept where it is better on the validation data beyond chance: the outcome
        gives the interval of the difference (95% for all of them together). MAE, min:
      </p>
      <table class="segments" data-testid="segments">
        <caption class="visually-hidden">Errors on the validation data of the model for all and of one for each ${segments.field} alone</caption>
        <thead>
          <tr>
            <th scope="col">${sentence(segments.field)}</th>
            <th scope="col">For all</th>
            <th scope="col">Its own</th>
            <th scope="col" class="words">Outcome</th>
          </tr>
        </thead>
        <tbody>
          ${segmentRows(segments).map(
            ({ value, variant, kept, global, segment, reason }) => html`<tr class=${kept ? "released" : "baseline"}>
              <th scope="row">${value} <span class="aside">${variant}</span></th>
              <td>${global}</td>
              <td>${segment}</td>
              <td class="words">${reason}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </section>
  `;
}

/**
 * @param {import("../card.js").QualityTable} table
 * @param {{ id: string, caption: string, heading: string }} words
 */
function measuresView(table, words) {
  const { caption } = words;
  return table.columns.length <= MOST_COLUMNS
    ? measuresTable(table, words)
    : html`<div class="scroll" role="region" aria-label=${caption} tabindex="0">${measuresTable(table, words)}</div>`;
}

/**
 * @param {import("../card.js").QualityTable} table
 * @param {{ id: string, caption: string, heading: string }} words
 */
function measuresTable({ groups, columns, rows }, { id, caption, heading }) {
  return html`
    <table data-testid=${id}>
      <caption class="visually-hidden">${caption}</caption>
      <thead>
        <tr>
          <th rowspan="2" scope="col">${heading}</th>
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
