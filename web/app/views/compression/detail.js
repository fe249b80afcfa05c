// One variant closely: what it is, what it costs and what it gains.

import { html, nothing } from "lit/html.js";
import { recipeText } from "../../compression/facts.js";
import { numberText } from "../../format.js";
import { placeText } from "./controls.js";
import { fasterText, qualityText, STATUSES, spreadText } from "./words.js";

/** @typedef {import("../../compression/points.js").Point} Point */

/**
 * @param {Point} point
 * @param {import("../../compression/facts.js").Facts} facts
 * @param {import("../../compression/points.js").Choice} choice
 * @param {readonly string[]} measurable
 */
export function detailView(point, facts, choice, measurable) {
  const { name, status, steps, bytes, smaller, parameters, recorded, own } = point;
  const times = `${numberText(smaller)} times smaller than ${facts.base.name}`;
  const size = `${numberText(bytes)} bytes, ${point.base ? "" : `${times}, `}${numberText(parameters)} parameters`;
  /** @type {[string, unknown][]} */
  const rows = [
    ["Recipe", recipeText(steps)],
    ["Size", size],
    [facts.loss.charAt(0).toUpperCase() + facts.loss.slice(1), qualityText(point)],
    [`Time of ${placeText(choice)}`, recorded === null ? "not recorded" : timedText(recorded, point.base)],
    ...(own === null ? [] : [/** @type {[string, unknown]} */ (["The same, here", timedText(own, point.base)])]),
  ];
  return html`
    <section class="detail" aria-labelledby="detail-title" data-testid="detail">
      <h2 id="detail-title"><span data-testid="chosen">${name}</span> <span class="status ${status}">${STATUSES[status]}</span></h2>
      <dl>${rows.map(([title, value]) => html`<div><dt>${title}</dt><dd>${value}</dd></div>`)}</dl>
      ${point.shortfalls.length > 0 ? html`<details><summary>Where it misses the budget</summary><ul>${point.shortfalls.map((text) => html`<li>${text}</li>`)}</ul></details>` : nothing}
      ${point.failure === "" ? nothing : html`<p class="problem" data-testid="variant-failure">Does not run there: ${point.failure}</p>`}
      ${doubtText(recorded)}
      ${
        measurable.includes(name)
          ? nothing
          : html`<p class="hint" data-testid="not-offered">Its model is not part of this site, so it can’t be measured here.
              <code>python3 build.py compress ${facts.pipeline}</code> makes it.</p>`
      }
    </section>
  `;
}

/**
 * @param {import("../../compression/facts.js").Timed} timed
 * @param {boolean} base
 */
function timedText(timed, base) {
  return base ? spreadText(timed) : `${spreadText(timed)}, ${fasterText(timed)} as fast`;
}

/** Half of all answers off by more than rounding explains (`WRONG` in `models/comparison.py`). */
const WRONG = 1e-3;

/** @param {import("../../compression/facts.js").Timed | null} recorded */
function doubtText(recorded) {
  const off = recorded?.median_difference_to_host ?? 0;
  if (off <= WRONG) return nothing;
  return html`<p class="problem">Answers otherwise there than on the host, by ${off.toPrecision(2)} at the median.</p>`;
}
