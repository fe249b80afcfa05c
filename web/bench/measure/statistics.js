/**
 * Order statistics of timing samples.
 *
 * Timings are skewed to the right and have outliers, so nothing here uses a mean or a standard deviation.
 */

/**
 * @typedef {object} Summary
 * @property {number} count Samples.
 * @property {number} median
 * @property {number} p95
 * @property {number} p99
 * @property {number} lower_quartile
 * @property {number} upper_quartile
 * @property {number} minimum
 * @property {number} maximum
 * @property {[number, number]} median_interval 95% bootstrap interval of the median.
 */

const RESAMPLES = 400;
const SEED = 20131001;

/**
 * Quantile by linear interpolation between the closest ranks.
 *
 * @param {ArrayLike<number>} sorted Ascending, not empty.
 * @param {number} fraction 0 to 1.
 * @returns {number}
 * @see Hyndman and Fan (1996), Sample quantiles in statistical packages, definition 7.
 */
export function quantile(sorted, fraction) {
  if (sorted.length === 0) throw new RangeError("quantile: got no samples, expected at least one");
  const position = (sorted.length - 1) * fraction;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/**
 * @param {Iterable<number>} samples
 * @returns {Float64Array} Ascending.
 */
export function ascending(samples) {
  return Float64Array.from(samples).sort();
}

/**
 * @param {Iterable<number>} samples
 * @returns {number}
 */
export function median(samples) {
  return quantile(ascending(samples), 0.5);
}

/**
 * Uniform numbers in [0, 1), the same for the same seed, so that a report can be recomputed from its samples.
 *
 * @param {number} seed
 * @returns {() => number}
 * @see Tommy Ettinger's mulberry32, public domain.
 */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * 95% percentile-bootstrap interval of the median.
 *
 * @param {ArrayLike<number>} samples Not empty.
 * @returns {[number, number]}
 * @see Efron and Tibshirani (1993), An introduction to the bootstrap, chapter 13.
 */
export function medianInterval(samples) {
  const random = seededRandom(SEED);
  const medians = new Float64Array(RESAMPLES);
  const draw = new Float64Array(samples.length);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    for (let i = 0; i < draw.length; i++) draw[i] = samples[Math.floor(random() * draw.length)];
    medians[resample] = quantile(draw.sort(), 0.5);
  }
  medians.sort();
  return [quantile(medians, 0.025), quantile(medians, 0.975)];
}

/**
 * @param {Iterable<number>} samples Not empty.
 * @returns {Summary}
 */
export function summarize(samples) {
  const sorted = ascending(samples);
  return {
    count: sorted.length,
    median: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    lower_quartile: quantile(sorted, 0.25),
    upper_quartile: quantile(sorted, 0.75),
    minimum: quantile(sorted, 0),
    maximum: quantile(sorted, 1),
    median_interval: medianInterval(sorted),
  };
}

/**
 * How many times as long `samples` took as `baseline`, pair by pair, so that a slow moment of the machine that both
 * lived through cancels out.
 *
 * @param {ArrayLike<number>} samples One a round.
 * @param {ArrayLike<number>} baseline The same rounds.
 * @returns {Summary} Of the ratios.
 */
export function pairedRatio(samples, baseline) {
  if (samples.length !== baseline.length)
    throw new RangeError(`pairedRatio: got ${samples.length} and ${baseline.length} rounds, expected as many of each`);
  return summarize(Array.from(samples, (sample, round) => sample / baseline[round]));
}
