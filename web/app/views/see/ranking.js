// The classes of an answer: the best in large, and all of them with their probability in figures and as a bar.

import { html, svg } from "lit/html.js";
import { scoreText } from "../../see-state.js";

/** @typedef {import("../../see-state.js").Ranked} Ranked */

/** @param {readonly Ranked[]} ranked not empty */
export function rankingView(ranked) {
  const [best] = /** @type {[Ranked]} */ (ranked);
  return html`
    <p class="prediction" data-testid="prediction" data-value=${best.label} data-index=${best.index}>${best.label}</p>
    <ol class="ranking" data-testid="ranking" aria-label="The likeliest classes">
      ${ranked.map(
        ({ label, index, score }) => html`<li data-index=${index} data-score=${score}>
          <span class="ranking-label">${label}</span> <span class="ranking-score">${scoreText(score)}</span>
          <svg class="bar" aria-hidden="true">${barView(score)}</svg>
        </li>`,
      )}
    </ol>
  `;
}

/** @param {number} score */
function barView(score) {
  return svg`<rect class="bar-whole" width="100%" height="100%" /><rect class="bar-part" width="${(100 * score).toFixed(2)}%" height="100%" />`;
}
