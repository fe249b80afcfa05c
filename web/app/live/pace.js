// How fast the replay computes: the time of a tick, and events a second. No DOM.

/** @typedef {{ ticks_ms: readonly number[], events: number, spent_ms: number }} Pace */

/** Ticks that the percentiles are over. */
const KEPT = 200;

/** @type {Pace} */
export const NO_PACE = { ticks_ms: [], events: 0, spent_ms: 0 };

/**
 * @param {Pace} pace
 * @param {number} took_ms
 * @param {number} events pushed meanwhile
 * @returns {Pace}
 */
export function withTick({ ticks_ms, events: before, spent_ms }, took_ms, events) {
  return { ticks_ms: [...ticks_ms, took_ms].slice(-KEPT), events: before + events, spent_ms: spent_ms + took_ms };
}

/**
 * The value that a share of the ticks did not exceed.
 *
 * @param {Pace} pace
 * @param {number} share 0 to 1
 */
export function percentile({ ticks_ms }, share) {
  const sorted = [...ticks_ms].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
