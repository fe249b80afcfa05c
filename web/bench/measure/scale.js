/** A logarithmic scale of durations, since contenders differ by factors. */

/** @typedef {{low: number, high: number, ticks: number[]}} Scale */

const MANTISSAS = [1, 2, 5];

/**
 * The scale from the round number below the least value to the one above the largest.
 *
 * @param {readonly number[]} values Above 0, not empty.
 * @returns {Scale}
 */
export function logScale(values) {
  const low = roundBelow(Math.min(...values));
  const high = roundAbove(Math.max(...values));
  const ticks = roundNumbers(low, high);
  const whole = ticks.filter(isPowerOfTen);
  return { low, high, ticks: ticks.length > 7 && whole.length > 1 ? whole : ticks };
}

/** @param {number} tick */
export function isPowerOfTen(tick) {
  return Number.isInteger(Math.round(Math.log10(tick) * 1e9) / 1e9);
}

/**
 * Where a value lies on a scale.
 *
 * @param {Scale} scale
 * @param {number} value
 * @returns {number} 0 to 1.
 */
export function place({ low, high }, value) {
  return Math.min(1, Math.max(0, Math.log(value / low) / Math.log(high / low)));
}

/**
 * @param {number} value
 * @returns {number} 1, 2 or 5 times a power of ten.
 */
function roundBelow(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const mantissa = MANTISSAS.findLast((each) => each * power <= value) ?? 1;
  return mantissa * power;
}

/**
 * @param {number} value
 * @returns {number}
 */
function roundAbove(value) {
  const below = roundBelow(value * (1 + 1e-12));
  return next(below);
}

/**
 * @param {number} round
 * @returns {number} The round number after it.
 */
function next(round) {
  const power = 10 ** Math.floor(Math.log10(round * (1 + 1e-9)));
  const mantissa = Math.round(round / power);
  return mantissa === 5 ? 10 * power : MANTISSAS[MANTISSAS.indexOf(mantissa) + 1] * power;
}

/**
 * @param {number} low
 * @param {number} high
 * @returns {number[]}
 */
function roundNumbers(low, high) {
  const numbers = [];
  for (let number = low; number <= high * (1 + 1e-9); number = next(number))
    numbers.push(Number(number.toPrecision(1)));
  return numbers;
}
