// How fast one processor of this device answers, many rows at once and one after the other. No DOM.

import { ascending, quantile } from "../../bench/measure/statistics.js";
import { effortAt } from "./costs.js";

/** @typedef {import("../fields.js").WireRecord} WireRecord */
/** @typedef {import("../foreshore.js").Predictor} Predictor */

/**
 * @typedef {object} Measured
 * @property {string} variant
 * @property {import("./costs.js").Spread} batch_per_s
 * @property {import("./costs.js").Spread} online_per_s
 * @property {import("./costs.js").Effort} effort
 * @property {number} rounds
 *
 * @typedef {object} Watch
 * @property {AbortSignal} signal
 * @property {(fraction: number) => void} onProgress
 * @property {() => number} [now_ms]
 */

export const ROUNDS = 9;
const TURN_MS = 120;
const BATCH_ROWS = 1024;

/**
 * Turns of both, one after the other in each round, so that a slow moment of the machine meets both. One thread runs the model, and
 * page and worker take turns, so that one processor is busy at a time.
 *
 * @param {Predictor} predictor opened with one thread
 * @param {readonly WireRecord[]} records real ones, each asked in turn
 * @param {Watch} watch
 * @returns {Promise<Measured>}
 */
export async function measureRates(predictor, records, watch) {
  const turn = { records, now_ms: watch.now_ms ?? (() => performance.now()), signal: watch.signal };
  /** @type {number[]} */
  const batch = [];
  /** @type {number[]} */
  const online = [];
  for (let round = -1; round < ROUNDS; round++) {
    const rates = [await batchTurn(predictor, turn), await onlineTurn(predictor, turn)];
    if (round < 0) continue; // the first warms up: tables are loaded, code is compiled
    batch.push(rates[0]);
    online.push(rates[1]);
    watch.onProgress((round + 1) / ROUNDS);
  }
  const [batch_per_s, online_per_s] = [batch, online].map(spreadOf);
  const effort = { batch_us: effortAt(batch_per_s), online_us: effortAt(online_per_s) };
  return { variant: predictor.variant, batch_per_s, online_per_s, effort, rounds: ROUNDS };
}

/** @typedef {{ records: readonly WireRecord[], now_ms: () => number, signal: AbortSignal }} Turn */

/**
 * @param {Predictor} predictor
 * @param {Turn} turn
 * @returns {Promise<number>} rows a second
 */
async function batchTurn(predictor, { records, now_ms, signal }) {
  const rows = Array.from({ length: BATCH_ROWS }, (_, row) => records[row % records.length]);
  const start_ms = now_ms();
  let done = 0;
  while (now_ms() - start_ms < TURN_MS) {
    for await (const { answers } of predictor.predictMany(rows, { batchSize: BATCH_ROWS, signal }))
      done += answers.length;
  }
  return (1000 * done) / (now_ms() - start_ms);
}

/**
 * @param {Predictor} predictor
 * @param {Turn} turn
 * @returns {Promise<number>} answers a second
 */
async function onlineTurn(predictor, { records, now_ms, signal }) {
  const start_ms = now_ms();
  let done = 0;
  while (now_ms() - start_ms < TURN_MS) {
    await predictor.predict(records[done % records.length], { signal });
    done += 1;
  }
  return (1000 * done) / (now_ms() - start_ms);
}

/**
 * @param {readonly number[]} samples
 * @returns {import("./costs.js").Spread}
 */
export function spreadOf(samples) {
  const sorted = ascending(samples);
  const [low, median, high] = [0.25, 0.5, 0.75].map((fraction) => quantile(sorted, fraction));
  return { median, low, high };
}
