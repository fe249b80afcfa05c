// How the answers are spread: a histogram of a number, bars of a ranking's first labels; each also as a table.

import { html, svg } from "lit/html.js";
import { bars } from "../../../shared/histogram.js";
import { countText, numberText } from "../../format.js";
import { valueTicks } from "../../live/plot.js";

/** @typedef {import("../../../shared/histogram.js").Bar} Bar */
/** @typedef {import("../../../shared/histogram.js").Histogram} Histogram */
/** @typedef {import("../../../generated/vocabulary.js").Output} Output */

const MOST_BARS = 32;
const MOST_LABELS = 12;
const HEIGHT = 180;
const FOOT = 24;
const GAP_SHARE = 0.12;

/**
 * @param {Output} output
 * @param {Histogram} histogram
 */
export function histogramView({ name, title, unit }, histogram) {
  const drawn = bars(histogram, MOST_BARS);
  const most = Math.max(...drawn.map(({ count }) => count));
  const mean = histogram.sum / histogram.count;
  const said = `${title}: ${countText(histogram.count, "answer")} from ${numberText(histogram.least)} to ${numberText(histogram.most)}${unitText(unit)}, ${numberText(mean)} on average.`;
  return html`
    <figure class="plot spread" data-testid="chart-${name}">
      <figcaption>${said}</figcaption>
      <svg class="canvas" role="img" aria-label="${said} How often which occur follows as a table." width="100%" height=${HEIGHT + FOOT}>
        ${levels(most).map(
          (level) => svg`
            <line class="grid ${level === 0 ? "zero" : ""}" x1="0" x2="100%" y1=${yOf(level, most)} y2=${yOf(level, most)} />
            <text class="scale" x="0" dx="-8" y=${yOf(level, most) + 4} text-anchor="end">${countScale(level)}</text>`,
        )}
        ${drawn.map((bar, place) => barView(bar, place, drawn.length, most))}
        ${scaleMarks(drawn).map(
          ({ text, share, anchor, minor }) =>
            svg`<text class="scale ${minor ? "minor" : ""}" x=${percent(share)} y=${HEIGHT + 18} text-anchor=${anchor}>${text}</text>`,
        )}
      </svg>
    </figure>
    ${tableView(
      title,
      drawn.map((bar) => [rangeText(bar, unit), bar.count]),
    )}
  `;
}

/**
 * @param {Output} output
 * @param {Record<string, number>} labels
 */
export function labelsView({ name, title }, labels) {
  const sorted = Object.entries(labels).sort(([, one], [, other]) => other - one);
  const most = sorted[0]?.[1] ?? 1;
  return html`
    <figure class="plot ranks" data-testid="chart-${name}">
      <figcaption>${title}: what stands first, of ${countText(sorted.length, "label")} that occur.</figcaption>
      <ul>
        ${sorted.slice(0, MOST_LABELS).map(
          ([label, count]) => html`<li>
            <span>${label}</span><span>${numberText(count)}</span>
            <svg class="bar" aria-hidden="true" width="100%" height="8"><rect class="bar-part" width=${percent(count / most)} height="8" /></svg>
          </li>`,
        )}
      </ul>
    </figure>
    ${tableView(title, sorted)}
  `;
}

/**
 * @param {Bar} bar
 * @param {number} place
 * @param {number} count
 * @param {number} most
 */
function barView(bar, place, count, most) {
  const y = yOf(bar.count, most);
  const height = HEIGHT - y;
  // What occurs at all is seen.
  const seen = bar.count > 0 ? Math.max(height, 1) : 0;
  return svg`<rect class="bar-part" x=${percent((place + GAP_SHARE / 2) / count)} width=${percent((1 - GAP_SHARE) / count)} y=${HEIGHT - seen} height=${seen}><title>${rangeText(bar, "")}: ${numberText(bar.count)}</title></rect>`;
}

/**
 * @param {number} value
 * @param {number} most
 */
function yOf(value, most) {
  return HEIGHT - (HEIGHT - 20) * (value / Math.max(most, 1));
}

/** A count on the scale: 20,000 as "20k". @param {number} count */
function countScale(count) {
  if (count >= 1e6) return `${numberText(count / 1e6)}M`;
  return count >= 1e4 ? `${numberText(count / 1000)}k` : numberText(count);
}

/** @param {number} most */
function levels(most) {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(most, 1))) - 2);
  return valueTicks(most / power)
    .map((tick) => tick * power)
    .filter((tick) => tick <= most);
}

/**
 * A few of the bars' bounds; the outer ones hold what lies far out, and are named by it in the table.
 *
 * @param {readonly Bar[]} drawn
 */
function scaleMarks(drawn) {
  const step = Math.max(1, Math.round(drawn.length / 8));
  const places = drawn.map((_, place) => place).filter((place) => place > 0 && place % step === 0);
  return places.map((place, index) => ({
    text: numberText(drawn[place].low),
    share: place / drawn.length,
    anchor: "middle",
    minor: index % 2 === 1,
  }));
}

/**
 * @param {Bar} bar
 * @param {string} unit
 */
function rangeText({ low, high }, unit) {
  return `${numberText(low)} to ${numberText(high)}${unitText(unit)}`;
}

/** @param {string} unit */
function unitText(unit) {
  return unit === "" ? "" : ` ${unit}`;
}

/** @param {number} share */
function percent(share) {
  return `${(100 * share).toFixed(3)}%`;
}

/**
 * @param {string} title
 * @param {readonly (readonly [string, number])[]} rows
 */
function tableView(title, rows) {
  return html`
    <details class="figures">
      <summary>As a table</summary>
      <table>
        <thead><tr><th scope="col">${title}</th><th scope="col">Answers</th></tr></thead>
        <tbody>${rows.map(([text, count]) => html`<tr><th scope="row">${text}</th><td>${numberText(count)}</td></tr>`)}</tbody>
      </table>
    </details>
  `;
}
