/** Phases of a call, as the page tells them. */

/**
 * @typedef {import("../../shared/protocol.js").Spans} Spans
 *
 * @typedef {object} Phase
 * @property {number} start_ms Since the call.
 * @property {number} duration_ms
 * @typedef {Record<string, Phase>} Timings By name; phases may overlap.
 */

/** Milliseconds since the epoch, on the scale that the workers use as well. */
export function now_ms() {
  return performance.timeOrigin + performance.now();
}

/**
 * @param {number} asked_ms When the call was made.
 * @param {Spans} spans
 * @returns {Timings}
 */
export function timingsSince(asked_ms, spans) {
  const phases = Object.entries(spans).map(([name, { start_ms, end_ms }]) => [
    name,
    { start_ms: start_ms - asked_ms, duration_ms: end_ms - start_ms },
  ]);
  return Object.fromEntries(phases);
}
