/** How often which numbers occur, counted as they come, however many there are: bins that grow with the range. */

/**
 * @typedef {object} Histogram
 * @property {number} count
 * @property {number} least
 * @property {number} most
 * @property {number} sum
 * @property {number} exponent A bin is two to its power wide.
 * @property {number} first Which bin `counts` begins with, counted from the one that begins at zero.
 * @property {number[]} counts
 *
 * @typedef {{low: number, high: number, count: number}} Bar From `low` on, up to but without `high`.
 */

const MOST_BINS = 1024;
const LEAST_EXPONENT = -20;

/** @returns {Histogram} */
export function emptyHistogram() {
  return {
    ...{ count: 0, least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY, sum: 0 },
    ...{ exponent: LEAST_EXPONENT, first: 0, counts: [] },
  };
}

/**
 * @param {Histogram} histogram
 * @param {ArrayLike<number>} values Finite.
 * @returns {Histogram} Another one.
 */
export function counted(histogram, values) {
  if (values.length === 0) return histogram;
  let { least, most, sum } = histogram;
  for (let place = 0; place < values.length; place++) {
    const value = values[place];
    if (value < least) least = value;
    if (value > most) most = value;
    sum += value;
  }
  const exponent = exponentFor(least, most, histogram.exponent);
  const binned = coarsened(histogram, exponent, binOf(least, exponent), binOf(most, exponent));
  const width = 2 ** exponent;
  for (let place = 0; place < values.length; place++)
    binned.counts[Math.floor(values[place] / width) - binned.first] += 1;
  return { ...binned, count: histogram.count + values.length, least, most, sum };
}

/**
 * @param {number} least
 * @param {number} most
 * @param {number} exponent The finest that may be.
 */
function exponentFor(least, most, exponent) {
  let found = exponent;
  while (binOf(most, found) - binOf(least, found) >= MOST_BINS) found += 1;
  return found;
}

/**
 * @param {number} value
 * @param {number} exponent
 */
function binOf(value, exponent) {
  return Math.floor(value / 2 ** exponent);
}

/**
 * @param {Histogram} histogram
 * @param {number} exponent Not finer than its own.
 * @param {number} first
 * @param {number} last
 * @returns {Histogram} With room for these bins.
 */
function coarsened(histogram, exponent, first, last) {
  const factor = 2 ** (exponent - histogram.exponent);
  const counts = new Array(last - first + 1).fill(0);
  for (const [place, count] of histogram.counts.entries())
    if (count) counts[Math.floor((histogram.first + place) / factor) - first] += count;
  return { ...histogram, exponent, first, counts };
}

/**
 * Bars to draw: what lies far out is held by the first and the last of them.
 *
 * @param {Histogram} histogram
 * @param {number} most How many bars at most.
 * @param {number} [tail] The share of all at either side that counts as far out.
 * @returns {Bar[]} From left to right, of one width but for the first and the last.
 */
export function bars(histogram, most, tail = 0.01) {
  if (histogram.count === 0) return [];
  const [low, high] = [binAtShare(histogram, tail), binAtShare(histogram, 1 - tail)];
  let step = 1;
  while (Math.floor(high / step) - Math.floor(low / step) >= most) step *= 2;
  const [first, last] = [Math.floor(low / step), Math.floor(high / step)];
  const width = step * 2 ** histogram.exponent;
  const found = Array.from({ length: last - first + 1 }, (_, place) => bar((first + place) * width, width));
  for (const [place, count] of histogram.counts.entries()) {
    const at = Math.floor((histogram.first + place) / step);
    found[Math.min(Math.max(at, first), last) - first].count += count;
  }
  found[0].low = Math.min(found[0].low, histogram.least);
  const end = /** @type {Bar} */ (found.at(-1));
  end.high = Math.max(end.high, histogram.most);
  return found;
}

/**
 * @param {number} low
 * @param {number} width
 * @returns {Bar}
 */
function bar(low, width) {
  return { low, high: low + width, count: 0 };
}

/**
 * @param {Histogram} histogram
 * @param {number} share
 * @returns {number} The bin, counted from zero's, up to which so much of all lies.
 */
function binAtShare({ counts, first, count }, share) {
  let sum = 0;
  const place = counts.findIndex((each) => {
    sum += each;
    return sum > share * count;
  });
  return first + (place < 0 ? counts.length - 1 : place);
}
