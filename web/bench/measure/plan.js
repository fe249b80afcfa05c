/** How much is measured of a pipeline: enough for a first look, or enough to quote. */

/**
 * @typedef {"quick" | "full"} Extent
 *
 * @typedef {object} Plan
 * @property {number} starts Fresh starts of each contender.
 * @property {number} warm_up_calls Right after each start, one record each.
 * @property {number} rounds Of the steady state, for each batch size.
 * @property {Record<number, number>} samples_per_turn By batch size.
 * @property {WindowsPlan | null} windows Null for a pipeline that has none.
 *
 * @typedef {object} WindowsPlan
 * @property {number} days Whose events pass through the windows.
 * @property {number} runs With all of these events in one call.
 * @property {number} updates Calls with one event each.
 */

/**
 * @param {Plan} plan
 * @returns {number[]} Records a call, from one on.
 */
export function batchSizes({ samples_per_turn }) {
  return Object.keys(samples_per_turn).map(Number);
}

/**
 * The first `count` of records that repeat for ever.
 *
 * @template T
 * @param {readonly T[]} records Not empty.
 * @param {number} count
 * @returns {T[]}
 */
export function repeated(records, count) {
  return Array.from({ length: count }, (_, row) => records[row % records.length]);
}
