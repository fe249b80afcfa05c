/** From nothing to the first answers: download, compile, first run, warm-up. */

import { quantile, summarize } from "./statistics.js";

/**
 * @typedef {import("./contender.js").Contender} Contender
 * @typedef {import("./contender.js").Session} Session
 * @typedef {import("./contender.js").InputRecord} InputRecord
 * @typedef {import("./statistics.js").Summary} Summary
 *
 * @typedef {object} Start One fresh start.
 * @property {number} download_ms All of its files at once, past the browser's cache.
 * @property {number} instantiate_ms Workers, WebAssembly, Python, session; files come from the browser's cache.
 * @property {Record<string, number>} phases_ms Parts of `instantiate_ms` that the workers told; they may overlap.
 * @property {number[]} calls_ms The first calls, one record each.
 *
 * @typedef {object} Startup
 * @property {number} files
 * @property {number} transferred_bytes As they came over the network, compressed.
 * @property {number} decoded_bytes
 * @property {Summary} download
 * @property {Summary} instantiate
 * @property {Summary} first_call
 * @property {Summary} warm_up Time until calls were within a tenth of the median of the last half of them.
 * @property {Start[]} starts
 */

const SETTLED = 1.1;
const WINDOW = 5;

/**
 * Time that went by before calls took what later calls take, ending with the first five calls whose median is no more
 * than a tenth above that of the second half.
 *
 * @param {readonly number[]} calls_ms
 * @returns {number} Milliseconds.
 */
export function warmUpTime(calls_ms) {
  const half = calls_ms.slice(Math.floor(calls_ms.length / 2)).sort((a, b) => a - b);
  const steady = quantile(half, 0.5);
  let elapsed = 0;
  for (let call = 0; call + WINDOW <= calls_ms.length; call++) {
    const window = calls_ms.slice(call, call + WINDOW).sort((a, b) => a - b);
    if (quantile(window, 0.5) <= SETTLED * steady) return elapsed;
    elapsed += calls_ms[call];
  }
  return elapsed;
}

/**
 * @param {Session} session
 * @param {readonly InputRecord[]} records
 * @param {number} calls
 * @param {() => number} now
 * @returns {Promise<number[]>} Milliseconds of each call with one record.
 */
export async function firstCalls(session, records, calls, now) {
  /** @type {number[]} */
  const taken = [];
  for (let call = 0; call < calls; call++) {
    const start = now();
    await session.predict([records[call % records.length]]);
    taken.push(now() - start);
  }
  return taken;
}

/**
 * @param {Start[]} starts
 * @param {{files: number, transferred_bytes: number, decoded_bytes: number}} sizes
 * @returns {Startup}
 */
export function describeStartup(starts, sizes) {
  return {
    ...sizes,
    download: summarize(starts.map((start) => start.download_ms)),
    instantiate: summarize(starts.map((start) => start.instantiate_ms)),
    first_call: summarize(starts.map((start) => start.calls_ms[0])),
    warm_up: summarize(starts.map((start) => warmUpTime(start.calls_ms))),
    starts,
  };
}
