// The pipelines of the current release, a card each.

import { html, nothing } from "lit/html.js";
import { bytesText, countText, numberText } from "../format.js";

/** @typedef {import("../foreshore.js").Offer} Offer */

/** @typedef {{ href: string, title: string, label?: string }} Page `label` says more to those who do not see the card around it */

/**
 * Pipelines with pages of their own, the first to try it; every other one is tried on the page made from its contract.
 *
 * @type {Record<string, Page[]>}
 */
const OWN_PAGES = {
  eta: [
    { href: "./arrivals/", title: "Try flight arrivals" },
    { href: "./live/", title: "Watch a day live" },
  ],
  see: [{ href: "./see/", title: "Show it a photo" }],
};

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
  const [first, ...others] = pagesOf(offer);
  return html`
    <article class="card" data-testid="pipeline" data-name=${name}>
      <div class="card-text">
        <h3>${contract.title}</h3>
        <p>${contract.description}</p>
        <p class="actions">
          ${first && html`<a class="button plain" href=${first.href} aria-label=${first.label ?? nothing}>${first.title}</a>`}
          ${others.map(({ href, title }) => html`<a class="quiet" href=${href}>${title}</a>`)}
        </p>
      </div>
      <dl class="facts">
        ${facts(offer).map(([title, value]) => html`<div><dt>${title}</dt><dd>${value}</dd></div>`)}
      </dl>
    </article>
  `;
}

/**
 * @param {Offer} offer
 * @returns {Page[]}
 */
function pagesOf({ name, contract }) {
  if (Object.hasOwn(OWN_PAGES, name)) return OWN_PAGES[name] ?? [];
  return [{ href: `./try/?pipeline=${encodeURIComponent(name)}`, title: "Try it", label: `Try it: ${contract.title}` }];
}

/** @param {Offer["contract"]["outputs"][number]} output */
function answerText({ title, unit, labels }) {
  if (labels.length) return `${title} of ${numberText(labels.length)}`;
  return unit === "" ? title : `${title} (${unit})`;
}

/**
 * @param {Offer} offer
 * @returns {[string, string][]}
 */
function facts({ contract, variants, default_variant }) {
  const answers = contract.outputs.map(answerText).join(", ");
  const sizes = variants.map(
    ({ name, size_bytes }) => `${name} ${bytesText(size_bytes)}${name === default_variant ? ", used by default" : ""}`,
  );
  return [
    ["Answers", answers],
    ["Asks for", countText(contract.fields.length, "field")],
    ["Model", sizes.join("; ")],
  ];
}
