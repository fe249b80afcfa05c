// The scales of the Compression page's plots, and who is on the Pareto front. No DOM.

import { logScale, place } from "../../bench/measure/scale.js";

/**
 * @typedef {object} Axis
 * @property {number[]} ticks
 * @property {(value: number) => number} share where a value lies, 0 to 1
 */

const MANTISSAS = [1, 2, 5];
const DECADES = [0, 1, 2, 3, 4];
/** Of the axis' length: ticks closer than this would write over each other. */
const CLOSEST = 0.055;

/**
 * For sizes and times, which differ by factors.
 *
 * @param {readonly number[]} values above 0, not empty
 * @returns {Axis}
 */
export function factorAxis(values) {
  const scale = logScale(values);
  return { ticks: scale.ticks, share: (value) => place(scale, value) };
}

/**
 * For changes of a loss: drawn to scale around zero, and by their logarithm beyond, since some are many times the others.
 *
 * @param {readonly number[]} values not empty
 * @param {number | null} budget where there is one, what is of interest
 * @returns {Axis}
 */
export function changeAxis(values, budget) {
  const most = Math.max(...values.map(Math.abs), budget ?? 0) || 1;
  const plain = budget ? budget / 6 : most / 20;
  const bent = (/** @type {number} */ value) => Math.asinh(value / plain);
  const ends = [Math.min(...values, -plain), Math.max(...values, budget ?? 0, plain)].map(bent);
  const room = 0.04 * (ends[1] - ends[0]);
  const [low, high] = [ends[0] - room, ends[1] + room];
  const share = (/** @type {number} */ value) => Math.min(1, Math.max(0, (bent(value) - low) / (high - low)));
  return {
    ticks: apart(
      rounds(plain),
      share,
      [low, high].map((end) => plain * Math.sinh(end)),
    ),
    share,
  };
}

/**
 * Round values of both signs, those that matter most first: zero, then from the least on.
 *
 * @param {number} plain
 */
function rounds(plain) {
  const unit = 10 ** Math.floor(Math.log10(plain));
  const sizes = DECADES.flatMap((decade) => MANTISSAS.map((mantissa) => mantissa * unit * 10 ** decade));
  return [0, ...sizes.flatMap((size) => [size, -size])].map((value) => Number(value.toPrecision(2)));
}

/**
 * @param {readonly number[]} values
 * @param {(value: number) => number} share
 * @param {readonly number[]} ends
 */
function apart(values, share, [low, high]) {
  /** @type {number[]} */
  const kept = [];
  for (const value of values) {
    const inside = value >= low && value <= high;
    if (inside && kept.every((other) => Math.abs(share(other) - share(value)) >= CLOSEST)) kept.push(value);
  }
  return kept.sort((one, other) => one - other);
}

/**
 * Those that nobody beats in both: each is smaller, or loses less, than any other.
 *
 * @template {{ x: number, y: number }} P
 * @param {readonly P[]} points less is better in both
 * @returns {P[]} from the least `x` on
 */
export function paretoFront(points) {
  const sorted = [...points].sort((one, other) => one.x - other.x || one.y - other.y);
  /** @type {P[]} */
  const front = [];
  for (const point of sorted) if (point.y < (front.at(-1)?.y ?? Number.POSITIVE_INFINITY)) front.push(point);
  return front;
}
