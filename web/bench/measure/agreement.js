/**
 * Whether contenders give the same answers: decided before any of them is timed, since the speed of a wrong answer
 * means nothing.
 */

import { median } from "./statistics.js";

/**
 * @typedef {object} Agreement
 * @property {boolean} agrees
 * @property {string} reference Whose answers were expected.
 * @property {"largest" | "typical"} statistic Which difference the tolerance bounds.
 * @property {number} tolerance
 * @property {number} compared Answers.
 * @property {number} largest_difference
 * @property {number} typical_difference The median one.
 * @property {number | null} worst_row
 * @property {string} message Empty when it agrees.
 *
 * @typedef {object} Expectation
 * @property {string} reference "golden", or the id of a contender.
 * @property {"largest" | "typical"} statistic "typical" for a model that only approximates the reference's.
 * @property {number} tolerance
 */

/**
 * Distance as `numpy.allclose` sees it: absolute for small answers, relative above 1; infinite for a NaN.
 *
 * @param {number} value
 * @param {number} expected
 * @returns {number}
 */
export function difference(value, expected) {
  const distance = Math.abs(value - expected) / Math.max(1, Math.abs(expected));
  return Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
}

/**
 * @param {ArrayLike<number>} values A contender's answers.
 * @param {ArrayLike<number>} expected The reference's.
 * @param {Expectation} expectation
 * @returns {Agreement}
 */
export function compare(values, expected, { reference, statistic, tolerance }) {
  const differences = Array.from(expected, (answer, row) => difference(values[row], answer));
  const largest = differences.reduce((most, each) => Math.max(most, each), 0);
  const typical = differences.length > 0 ? median(differences) : 0;
  const complete = values.length === expected.length && expected.length > 0;
  const agrees = complete && (statistic === "largest" ? largest : typical) <= tolerance;
  const worst = differences.indexOf(largest);
  return {
    agrees,
    reference,
    statistic,
    tolerance,
    compared: expected.length,
    largest_difference: largest,
    typical_difference: typical,
    worst_row: largest > 0 ? worst : null,
    message: agrees ? "" : disagreement(values, expected, worst, { reference, statistic, tolerance }),
  };
}

/**
 * @param {ArrayLike<number>} values
 * @param {ArrayLike<number>} expected
 * @param {number} row The worst one.
 * @param {Expectation} expectation
 * @returns {string}
 */
function disagreement(values, expected, row, { reference, statistic, tolerance }) {
  if (values.length !== expected.length || expected.length === 0)
    return `got ${values.length} answers, expected ${expected.length || "at least one"}`;
  const bound = statistic === "largest" ? `within ${tolerance}` : `half of all answers within ${tolerance}`;
  return `row ${row}: got ${values[row]}, expected ${expected[row]} (${reference}), ${bound}`;
}
