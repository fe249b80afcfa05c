// Case studies: what published compressions are worth in the browser.

import { html, nothing } from "lit/html.js";
import { ratioText, timeText } from "../../../bench/views/words.js";
import { countInWords, placesOf, publishedText, timeAt } from "../../compression/studies.js";
import { bytesText, countText } from "../../format.js";

/** @typedef {import("../../compression/studies.js").Study} Study */

/** @typedef {import("../../compression/studies.js").Place} Place */
/** @typedef {import("../../compression/studies.js").StudyModel} StudyModel */

/** @param {import("../../compression/studies.js").Studies} studies */
export function studiesView({ studies, published_labels = {} }) {
  if (studies.length === 0) return nothing;
  return html`
    <section class="studies" aria-labelledby="studies-title" data-testid="studies">
      <h2 id="studies-title">Published compressions, measured in the browser</h2>
      <div class="study-list">${studies.map((study) => studyView(study, published_labels))}</div>
    </section>
  `;
}

/**
 * @param {Study} study
 * @param {Record<string, string>} labels of what is published
 */
function studyView(study, labels) {
  const { name, title, claim, references = [], models, lesson } = study;
  const places = placesOf(study);
  return html`
    <article class="study" aria-labelledby="study-${name}">
      <h3 id="study-${name}">${title}</h3>
      <p class="claim">${claim}</p>
      <div class="scroll" role="region" aria-label="${title}: figures" tabindex="0">
        <table>
          <caption class="visually-hidden">${title}</caption>
          <thead>
            <tr>
              ${["Model", "Parameters", "Multiply-adds", "Size"].map((head) => html`<th scope="col">${head}</th>`)}
              ${places.map((place) => html`<th scope="col">${placeTitle(place)}</th>`)}
              <th scope="col" class="words">Published</th>
            </tr>
          </thead>
          <tbody>${models.map((model) => modelView(model, places, labels))}</tbody>
        </table>
      </div>
      <p>${lesson}</p>
      ${references.length > 0 ? html`<ul class="references">${references.map((reference) => html`<li>${referenceView(reference)}</li>`)}</ul>` : nothing}
    </article>
  `;
}

/** @param {Place} place */
function placeTitle({ threads, batch, input }) {
  const parts = [input, batch === 1 ? "" : `batch of ${batch}`, countText(threads, "thread")];
  return parts.filter((part) => part !== "").join(", ");
}

/**
 * @param {StudyModel} model
 * @param {readonly Place[]} places
 * @param {Record<string, string>} labels
 */
function modelView(model, places, labels) {
  return html`<tr>
    <th scope="row">${model.title ?? model.name}</th>
    <td>${countInWords(model.parameters)}</td>
    <td>${countInWords(model.multiply_adds)}</td>
    <td>${model.size_bytes === undefined ? "–" : bytesText(model.size_bytes)}</td>
    ${places.map((place) => html`<td>${studyTimeText(timeAt(model, place))}</td>`)}
    <td class="words">${publishedText(model.published, labels)}</td>
  </tr>`;
}

/** @param {import("../../compression/studies.js").StudyTime | null} time */
function studyTimeText(time) {
  if (time === null) return "–";
  const fast = time.times_as_fast?.median ?? 1;
  return fast === 1 ? timeText(time.median_ms) : `${timeText(time.median_ms)}, ${ratioText(fast)} as fast`;
}

/** @param {import("../../compression/studies.js").Reference} reference */
function referenceView(reference) {
  const { text = "", url } = typeof reference === "string" ? { text: reference } : reference;
  return url?.startsWith("https://") ? html`<a href=${url}>${text || url}</a>` : text;
}
