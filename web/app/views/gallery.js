// The pipelines of the current release, a card each.

import { html } from "lit/html.js";
import { bytesText, countText } from "../format.js";

/** @typedef {import("../foreshore.js").Offer} Offer */

/** Pipelines with a page of their own; every other one is tried on the page made from its contract. */
const OWN_PAGES = /** @type {Record<string, string>} */ ({ eta: "./arrivals/" });

/** Until the release is known. */
export function waitingView() {
  return html`<p class="waiting">Reading the release…</p>`;
}

/** @param {readonly Offer[]} offers */
export function galleryView(offers) {
  return offers.length === 0
    ? html`<p class="waiting">This release holds no pipeline yet.</p>`
    : offers.map((offer) => cardView(offer));
}

/** @param {Offer} offer */
function cardView(offer) {
  const { name, contract } = offer;
  const page = OWN_PAGES[name] ?? `./try/?pipeline=${encodeURIComponent(name)}`;
  return html`
    <article class="card" data-testid="pipeline" data-name=${name}>
      <div class="card-text">
        <h3>${contract.title}</h3>
        <p>${contract.description}</p>
        <p class="actions"><a class="button plain" href=${page}>Try ${contract.title.toLowerCase()}</a></p>
      </div>
      <dl class="facts">
        ${facts(offer).map(([title, value]) => html`<div><dt>${title}</dt><dd>${value}</dd></div>`)}
      </dl>
    </article>
  `;
}

/**
 * @param {Offer} offer
 * @returns {[string, string][]}
 */
function facts({ contract, variants, default_variant }) {
  const answers = contract.outputs.map(({ title, unit }) => (unit === "" ? title : `${title} (${unit})`)).join(", ");
  const sizes = variants.map(
    ({ name, size_bytes }) => `${name} ${bytesText(size_bytes)}${name === default_variant ? ", used by default" : ""}`,
  );
  return [
    ["Answers", answers],
    ["Asks for", countText(contract.fields.length, "field")],
    ["Model", sizes.join("; ")],
  ];
}
