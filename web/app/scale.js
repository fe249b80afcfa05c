// The scale of minutes that a prediction is drawn on. No DOM.

const STEPS = [15, 30, 60, 120, 240, 480];
const MOST_TICKS = 7;

/** @typedef {{ low: number, high: number, ticks: number[] }} Scale */

/**
 * A scale from early to late that holds every given value and always the range from 30 min early to 1 h late.
 *
 * @param {readonly number[]} values minutes
 * @returns {Scale}
 */
export function delayScale(values) {
  const least = Math.min(-30, ...values);
  const most = Math.max(60, ...values);
  const step = STEPS.find((size) => spanIn(size, least, most) < MOST_TICKS) ?? 960;
  const low = Math.floor(least / step) * step;
  const high = Math.ceil(most / step) * step;
  const count = Math.round((high - low) / step) + 1;
  return { low, high, ticks: Array.from({ length: count }, (_, index) => low + index * step) };
}

/**
 * @param {number} step
 * @param {number} least
 * @param {number} most
 */
function spanIn(step, least, most) {
  return Math.ceil(most / step) - Math.floor(least / step);
}

/**
 * Where a value lies on the scale, 0 to 1.
 *
 * @param {Scale} scale
 * @param {number} value
 */
export function position(scale, value) {
  return Math.min(1, Math.max(0, (value - scale.low) / (scale.high - scale.low)));
}
