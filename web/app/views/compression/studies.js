// Case studies: what published compressions are worth in the browser.

import { html, nothing } from "lit/html.js";
import { timeText } from "../../../bench/views/words.js";
import { countInWords, placesOf, publishedText, timeAt } from "../../compression/studies.js";
import { bytesText, countText } from "../../format.js";

/** @typedef {import("../../compression/studies.js").Study} Study */

/** @param {import("../../compression/studies.js").Studies} studies */
export function studiesView({ studies }) {
  if (studies.length === 0) return nothing;
  return html`
    <section class="studies" aria-labelledby="studies-title" data-testid="studies">
      <h2 id="studies-title">Published compressions, measured in the browser</h2>
      <div class="study-list">${studies.map(studyView)}</div>
    </section>
  `;
}

/** @param {Study} study */
function studyView(study) {
  const { name, title, claim, references = [], models, lesson } = study;
  const places = placesOf(study);
  return html`
    <article class="study" aria-labelledby="study-${name}">
      <h3 id="study-${name}">${title}</h3>
      <p>${claim}</p>
      <div class="scroll" role="region" aria-label=${title} tabindex="0">
        <table>
          <caption class="visually-hidden">${title}</caption>
          <thead>
            <tr>
              ${["Model", "Parameters", "Multiply-adds", "Size"].map((head) => html`<th scope="col">${head}</th>`)}
              ${places.map(({ threads, batch }) => html`<th scope="col">${countText(threads, "thread")}${batch === 1 ? "" : `, ${batch} rows`}</th>`)}
              <th scope="col" class="words">Published</th>
            </tr>
          </thead>
          <tbody>${models.map((model) => modelView(model, places))}</tbody>
        </table>
      </div>
      <p>${lesson}</p>
      ${references.length > 0 ? html`<p class="hint">${references.map(referenceView)}</p>` : nothing}
    </article>
  `;
}

/**
 * @param {import("../../compression/studies.js").StudyModel} model
 * @param {{ threads: number, batch: number }[]} places
 */
function modelView(model, places) {
  const times = places.map((place) => timeAt(model, place));
  return html`<tr>
    <th scope="row">${model.name}</th>
    <td>${countInWords(model.parameters)}</td>
    <td>${countInWords(model.multiply_adds)}</td>
    <td>${model.size_bytes === undefined ? "–" : bytesText(model.size_bytes)}</td>
    ${times.map((time) => html`<td>${time === null ? "–" : timeText(time)}</td>`)}
    <td class="words">${publishedText(model.published)}</td>
  </tr>`;
}

/** @param {NonNullable<Study["references"]>[number]} reference */
function referenceView(reference) {
  const text = typeof reference === "string" ? reference : `${reference.title ?? ""} ${reference.url ?? ""}`;
  const url = /https:\/\/\S+/.exec(text)?.[0].replace(/[.,;)]+$/, "");
  return url === undefined
    ? html`<span>${text}</span> `
    : html`<a href=${url}>${text.replace(url, "").trim() || url}</a> `;
}
