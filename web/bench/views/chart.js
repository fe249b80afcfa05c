// Durations on a logarithmic scale: the middle half as a bar, the median as a stroke, up to p95 as a line.

import { html, svg } from "lit/html.js";
import { isPowerOfTen, logScale, place } from "../measure/scale.js";
import { timeText } from "./words.js";

/** The most labels that fit side by side on a phone; of more, it shows those of the powers of ten. */
const ROOMY = 5;
/** How near to an edge, as a share of the width, a centred label would be cut off on a phone. */
const MARGIN = 0.08;

/**
 * @typedef {import("../measure/scale.js").Scale} Scale
 * @typedef {import("../measure/statistics.js").Summary} Summary
 * @typedef {{label: string, engine: string, summary: Summary}} ChartRow
 */

/**
 * The table beside it holds the same figures, so to those who don't see it the chart is one sentence.
 *
 * @param {string} title
 * @param {readonly ChartRow[]} rows Not empty.
 */
export function chartView(title, rows) {
  const scale = logScale(rows.flatMap(({ summary }) => [summary.lower_quartile, summary.median, summary.p95]));
  return html`
    <figure class="chart" role="img" aria-label=${chartText(title, rows)}>
      ${rows.map((row) => rowView(row, scale))}
      <div class="chart-row chart-axis" aria-hidden="true"><span></span>${axisView(scale)}<span></span></div>
    </figure>
  `;
}

/**
 * @param {string} title
 * @param {readonly ChartRow[]} rows
 */
function chartText(title, rows) {
  const sorted = [...rows].sort((one, other) => one.summary.median - other.summary.median);
  return `${title}, medians: ${sorted.map(({ label, summary }) => `${label} ${timeText(summary.median)}`).join("; ")}.`;
}

/**
 * @param {ChartRow} row
 * @param {Scale} scale
 */
function rowView({ label, engine, summary }, scale) {
  const at = (/** @type {number} */ value) => `${(100 * place(scale, value)).toFixed(2)}%`;
  const [low, high] = [place(scale, summary.lower_quartile), place(scale, summary.upper_quartile)];
  return html`
    <div class="chart-row" data-engine=${engine} aria-hidden="true">
      <span class="chart-label">${label}</span>
      <svg class="chart-track" width="100%" height="26">
        ${scale.ticks.map((tick) => svg`<line class="chart-grid" x1=${at(tick)} x2=${at(tick)} y1="0" y2="26" />`)}
        <line class="chart-whisker" x1=${at(summary.upper_quartile)} x2=${at(summary.p95)} y1="13" y2="13" />
        <line class="chart-whisker" x1=${at(summary.p95)} x2=${at(summary.p95)} y1="9" y2="17" />
        <rect class="chart-box" x="${(100 * low).toFixed(2)}%" width="${(100 * Math.max(high - low, 0.003)).toFixed(2)}%" y="6" height="14" rx="2" />
        <line class="chart-median" x1=${at(summary.median)} x2=${at(summary.median)} y1="2" y2="24" />
      </svg>
      <span class="chart-value">${timeText(summary.median)}</span>
    </div>
  `;
}

/** @param {Scale} scale */
function axisView(scale) {
  const crowded = scale.ticks.length > ROOMY;
  return html`
    <svg class="chart-track" width="100%" height="20">
      ${scale.ticks.map(
        (tick) =>
          svg`<text class=${crowded && !isPowerOfTen(tick) ? "minor" : ""} x="${(100 * place(scale, tick)).toFixed(2)}%" y="14" text-anchor=${anchor(place(scale, tick))}>${timeText(tick)}</text>`,
      )}
    </svg>
  `;
}

/**
 * Labels stand centred below their lines, save those that would leave the chart.
 *
 * @param {number} at 0 to 1.
 */
function anchor(at) {
  if (at < MARGIN) return "start";
  return at > 1 - MARGIN ? "end" : "middle";
}
