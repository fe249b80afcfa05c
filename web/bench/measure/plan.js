/** How much is measured: enough for a first look, or enough to quote. */

/**
 * @typedef {object} Plan
 * @property {string} name
 * @property {number} starts Fresh starts of each contender.
 * @property {number} warm_up_calls Right after each start, one record each.
 * @property {number} rounds Of the steady state, for each batch size.
 * @property {Record<number, number>} samples_per_turn By batch size.
 * @property {WindowsPlan} windows
 *
 * @typedef {object} WindowsPlan
 * @property {number} days Whose events pass through the windows.
 * @property {number} runs With all of these events in one call.
 * @property {number} updates Calls with one event each.
 */

export const BATCH_SIZES = [1, 32, 1024];

/** @type {Record<"quick" | "full", Plan>} */
export const PLANS = {
  quick: {
    ...{ name: "quick", starts: 2, warm_up_calls: 30, rounds: 6, samples_per_turn: { 1: 20, 32: 10, 1024: 4 } },
    windows: { days: 3, runs: 3, updates: 1000 },
  },
  full: {
    ...{ name: "full", starts: 5, warm_up_calls: 100, rounds: 20, samples_per_turn: { 1: 40, 32: 20, 1024: 8 } },
    windows: { days: 7, runs: 10, updates: 5000 },
  },
};

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
