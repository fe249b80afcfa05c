// Durations as the benchmark writes them. No DOM.

import { durationText } from "../../app/format.js";

/**
 * A duration with as many digits as matter, below a millisecond in microseconds: "4.2 µs", "480 µs", "1.3 ms", "2.4 s".
 *
 * @param {number} milliseconds
 */
export function timeText(milliseconds) {
  if (milliseconds >= 0.9995) return durationText(Math.max(1, milliseconds));
  const microseconds = 1000 * milliseconds;
  return `${microseconds < 9.95 ? Number(microseconds.toFixed(1)) : Math.round(microseconds)} µs`;
}

/**
 * A range of durations, the unit told once where both share it: "12 to 48 µs", "480 µs to 1.3 ms".
 *
 * @param {number} low Milliseconds.
 * @param {number} high Milliseconds.
 */
export function rangeText(low, high) {
  const [from, to] = [timeText(low), timeText(high)];
  const [number, unit] = from.split(" ");
  return to.endsWith(` ${unit}`) ? `${number} to ${to}` : `${from} to ${to}`;
}

/**
 * A small difference with two digits: "0", "2.1", "0.027", "4.3e-6".
 *
 * @param {number} difference
 */
export function differenceText(difference) {
  if (difference === 0 || difference >= 0.001) return String(Number(difference.toPrecision(2)));
  return String(difference.toExponential(1)).replace(".0e", "e");
}

/**
 * A factor with two or three digits: "0.49×", "3.2×", "12×", "151×".
 *
 * @param {number} ratio
 */
export function ratioText(ratio) {
  const digits = ratio < 10 ? Number(ratio.toPrecision(2)) : Math.round(ratio);
  return `${digits}×`;
}
