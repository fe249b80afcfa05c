/**
 * Whether contenders give the same answers: decided before any of them is timed, since the speed of a wrong answer
 * means nothing.
 */

import { answerText, difference } from "./answer.js";
import { median } from "./statistics.js";

/**
 * @typedef {import("./answer.js").Answer} Answer
 *
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
 * @param {ArrayLike<Answer>} answers A contender's answers.
 * @param {ArrayLike<Answer>} expected The reference's.
 * @param {Expectation} expectation
 * @returns {Agreement}
 */
export function compare(answers, expected, { reference, statistic, tolerance }) {
  const differences = Array.from(expected, (answer, row) => difference(answers[row], answer));
  const largest = differences.reduce((most, each) => Math.max(most, each), 0);
  const typical = differences.length > 0 ? median(differences) : 0;
  const complete = answers.length === expected.length && expected.length > 0;
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
    message: agrees ? "" : disagreement(answers, expected, worst, { reference, statistic, tolerance }),
  };
}

/**
 * @param {ArrayLike<Answer>} answers
 * @param {ArrayLike<Answer>} expected
 * @param {number} row The worst one.
 * @param {Expectation} expectation
 * @returns {string}
 */
function disagreement(answers, expected, row, { reference, statistic, tolerance }) {
  if (answers.length !== expected.length || expected.length === 0)
    return `got ${answers.length} answers, expected ${expected.length || "at least one"}`;
  const bound = statistic === "largest" ? `within ${tolerance}` : `half of all answers within ${tolerance}`;
  return `row ${row}: got ${answerText(answers[row])}, expected ${answerText(expected[row])} (${reference}), ${bound}`;
}
