/**
 * Whether contenders give the same answers: decided before any of them is timed, since the speed of a wrong answer
 * means nothing.
 */

/**
 * @typedef {object} Agreement
 * @property {boolean} agrees
 * @property {number} compared Answers.
 * @property {number} largest_difference In the answer's unit; the worst answer's.
 * @property {number} tolerance
 * @property {number | null} worst_row
 * @property {string} message Empty when it agrees.
 */

/**
 * Distance as `numpy.allclose` sees it: absolute for small answers, relative above 1; infinite for a NaN.
 *
 * @param {number} value
 * @param {number} expected
 * @returns {number}
 */
export function difference(value, expected) {
  if (Object.is(value, expected)) return 0;
  const distance = Math.abs(value - expected) / Math.max(1, Math.abs(expected));
  return Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
}

/**
 * @param {ArrayLike<number>} values
 * @param {ArrayLike<number>} expected
 * @returns {{largest: number, row: number | null}}
 */
function worst(values, expected) {
  let largest = 0;
  let row = null;
  for (let i = 0; i < expected.length; i++) {
    const distance = difference(values[i], expected[i]);
    if (distance > largest) [largest, row] = [distance, i];
  }
  return { largest, row };
}

/**
 * @param {ArrayLike<number>} values A contender's answers.
 * @param {ArrayLike<number>} expected The golden ones, or another contender's.
 * @param {number} tolerance Absolute up to 1, relative above.
 * @returns {Agreement}
 */
export function compare(values, expected, tolerance) {
  const { largest, row } = worst(values, expected);
  const complete = values.length === expected.length && expected.length > 0;
  const agrees = complete && largest <= tolerance;
  return {
    agrees,
    compared: expected.length,
    largest_difference: largest,
    tolerance,
    worst_row: row,
    message: agrees ? "" : disagreement(values, expected, row, tolerance),
  };
}

/**
 * @param {ArrayLike<number>} values
 * @param {ArrayLike<number>} expected
 * @param {number | null} row
 * @param {number} tolerance
 * @returns {string}
 */
function disagreement(values, expected, row, tolerance) {
  if (values.length !== expected.length || expected.length === 0)
    return `got ${values.length} answers, expected ${expected.length || "at least one"}`;
  const at = Number(row);
  return `row ${at}: got ${values[at]}, expected ${expected[at]} within ${tolerance}`;
}
