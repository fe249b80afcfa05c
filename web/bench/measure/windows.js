/** The windows in this browser: how fast the public API takes in what becomes known. */

import { summarize } from "./statistics.js";

/**
 * @typedef {import("../../app/foreshore.js").Event} Event
 * @typedef {import("../../app/foreshore.js").Predictor} Predictor
 * @typedef {import("./plan.js").WindowsPlan} WindowsPlan
 * @typedef {import("./statistics.js").Summary} Summary
 *
 * @typedef {object} WindowsResult
 * @property {number} events Of a run.
 * @property {Summary} events_per_s Of the runs: all events in one call.
 * @property {Summary} update Milliseconds of calls with one event each.
 * @property {number} target_events_per_s What the median is to reach.
 * @property {number} target_update_ms What the 99th percentile is to stay under.
 */

const TARGET_EVENTS_PER_S = 8000;
const TARGET_UPDATE_MS = 1;

/**
 * @param {Pick<Predictor, "observe" | "restartWindows">} predictor
 * @param {readonly Event[]} events By the time at which they became known.
 * @param {WindowsPlan} plan
 * @param {object} options
 * @param {() => number} options.now
 * @param {AbortSignal} [options.signal]
 * @param {(fraction: number) => void} [options.onProgress]
 * @returns {Promise<WindowsResult>}
 */
export async function measureWindows(predictor, events, { runs, updates }, { now, signal, onProgress }) {
  /** @type {number[]} */
  const rates = [];
  for (let run = 0; run < runs; run++) {
    signal?.throwIfAborted();
    rates.push((1000 * events.length) / (await timeAll(predictor, events, now)));
    onProgress?.((run + 1) / (runs + 1));
  }
  const update = await timeEach(predictor, events.slice(0, updates), { now, signal });
  onProgress?.(1);
  return {
    events: events.length,
    events_per_s: summarize(rates),
    update: summarize(update),
    target_events_per_s: TARGET_EVENTS_PER_S,
    target_update_ms: TARGET_UPDATE_MS,
  };
}

/**
 * @param {Pick<Predictor, "observe" | "restartWindows">} predictor
 * @param {readonly Event[]} events
 * @param {() => number} now
 * @returns {Promise<number>} Milliseconds.
 */
async function timeAll(predictor, events, now) {
  await predictor.restartWindows();
  const start = now();
  const { accepted, dropped } = await predictor.observe(events);
  const taken = now() - start;
  const count = Object.values(accepted).reduce((sum, each) => sum + each, 0);
  if (count !== events.length)
    throw new Error(
      `got ${count} of ${events.length} events accepted, dropped ${JSON.stringify(dropped)}, expected all`,
    );
  return taken;
}

/**
 * @param {Pick<Predictor, "observe" | "restartWindows">} predictor
 * @param {readonly Event[]} events
 * @param {{now: () => number, signal?: AbortSignal}} options
 * @returns {Promise<number[]>} Milliseconds of each.
 */
async function timeEach(predictor, events, { now, signal }) {
  await predictor.restartWindows();
  /** @type {number[]} */
  const taken = [];
  for (const event of events) {
    signal?.throwIfAborted();
    const start = now();
    await predictor.observe([event]);
    taken.push(now() - start);
  }
  return taken;
}
