// The tide line: a prediction between early (water) and late (land), the strip of its usual error, and what happened.

import { nothing, svg } from "lit/html.js";
import { delayText, numberText } from "../format.js";
import { delayScale, position } from "../scale.js";

/**
 * @typedef {object} GaugeModel
 * @property {number} predicted minutes
 * @property {number | null} actual minutes
 * @property {number | null} usualError mean absolute error in minutes; null while unknown
 */

const TRACK = { y: 40, height: 20 };

/** @param {GaugeModel} model */
export function gaugeView({ predicted, actual, usualError }) {
  const error = usualError ?? 0;
  const scale = delayScale([predicted - error, predicted + error, ...(actual === null ? [] : [actual])]);
  const at = (/** @type {number} */ minutes) => share(position(scale, minutes));
  const width = share(position(scale, predicted + error) - position(scale, predicted - error));
  return svg`
    <svg class="gauge" role="img" aria-label=${summary({ predicted, actual, usualError })} height="128" width="100%">
      <rect class="gauge-sea" x="0" y=${TRACK.y} width=${at(0)} height=${TRACK.height} />
      <rect class="gauge-land" x=${at(0)} y=${TRACK.y} width=${share(1 - position(scale, 0))} height=${TRACK.height} />
      ${scale.ticks.map((tick) => tickView(tick, at(tick), anchor(position(scale, tick))))}
      ${usualError === null ? nothing : svg`<rect class="gauge-strip" x=${at(predicted - error)} y=${TRACK.y - 6} width=${width} height=${TRACK.height + 12} rx="3" />`}
      ${predictedView(at(predicted), anchor(position(scale, predicted)))}
      ${actual === null ? nothing : actualView(at(actual), anchor(position(scale, actual)))}
    </svg>
  `;
}

/**
 * @param {string} x
 * @param {string} side
 */
function predictedView(x, side) {
  return svg`
    <line class="gauge-predicted" x1=${x} x2=${x} y1="24" y2="68" />
    <text class="gauge-label" x=${x} y="16" text-anchor=${side}>predicted</text>
  `;
}

/**
 * @param {string} x
 * @param {string} side
 */
function actualView(x, side) {
  return svg`
    <line class="gauge-stem" x1=${x} x2=${x} y1="50" y2="78" />
    <circle class="gauge-buoy" cx=${x} cy="50" r="7" />
    <text class="gauge-label actual" x=${x} y="92" text-anchor=${side}>actual</text>
  `;
}

/**
 * @param {number} minutes
 * @param {string} x
 * @param {string} side
 */
function tickView(minutes, x, side) {
  const text = minutes === 0 ? "on time" : `${minutes > 0 ? "+" : ""}${numberText(minutes)}`;
  return svg`
    <line class=${minutes === 0 ? "gauge-zero" : "gauge-tick"} x1=${x} x2=${x} y1=${TRACK.y} y2="104" />
    <text class="gauge-scale" x=${x} y="120" text-anchor=${side}>${text}</text>
  `;
}

/** @param {number} part 0 to 1 */
function share(part) {
  return `${(100 * part).toFixed(2)}%`;
}

/** @param {number} where 0 to 1 */
function anchor(where) {
  if (where < 0.08) return "start";
  return where > 0.92 ? "end" : "middle";
}

/** @param {GaugeModel} model */
function summary({ predicted, actual, usualError }) {
  const strip = usualError === null ? "" : `, on average ${Math.round(usualError)} minutes off`;
  const outcome = actual === null ? "" : `; actually ${delayText(actual)}`;
  return `Predicted ${delayText(predicted)}${strip}${outcome}.`;
}
