// How fast the replay computes: the time of a tick, and what a jump takes. No DOM.

/** @typedef {{ events: number, answers: number, took_ms: number }} Call */
/** @typedef {{ ticks_ms: readonly number[], jump: Call | null }} Pace the last ticks, and the last call with many events */

/** Ticks that the percentiles are over. */
const KEPT = 200;
/** A call with so many events is a jump, not a tick. */
const JUMP_EVENTS = 200;

/** @type {Pace} */
export const NO_PACE = { ticks_ms: [], jump: null };

/**
 * @param {Pace} pace
 * @param {Call} call
 * @returns {Pace}
 */
export function withCall({ ticks_ms, jump }, call) {
  if (call.events >= JUMP_EVENTS) return { ticks_ms, jump: call };
  return { ticks_ms: [...ticks_ms, call.took_ms].slice(-KEPT), jump };
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
