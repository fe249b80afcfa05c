/** The steady state: how long a call takes once everything is loaded and warm. */

import { callsPerSample } from "./rounds.js";
import { median, pairedRatio, summarize } from "./statistics.js";

/**
 * @typedef {import("./contender.js").Session} Session
 * @typedef {import("./contender.js").FlightRecord} FlightRecord
 * @typedef {import("./statistics.js").Summary} Summary
 *
 * @typedef {object} Turn One contender's samples of one round; each is a mean over `calls_per_sample` calls.
 * @property {number[]} total_ms From the page's call to the page's answer.
 * @property {number[]} features_ms
 * @property {number[]} compute_ms Inside workers; empty where they don't tell.
 *
 * @typedef {object} SteadyState
 * @property {number} batch Records a call.
 * @property {number} calls_per_sample
 * @property {number} samples_per_turn
 * @property {Summary} total
 * @property {Summary} features
 * @property {Summary | null} compute
 * @property {Summary | null} messaging The rest of the total: posting, waking and scheduling.
 * @property {Summary | null} ratio Of the rounds' medians to those of the baseline.
 * @property {number} records_per_s At the median.
 * @property {Turn[]} turns
 */

const CALIBRATION_CALLS = 5;

/**
 * Calls back to back, the mean of each part of them.
 *
 * @param {Session} session
 * @param {readonly FlightRecord[]} records
 * @param {number} calls
 * @param {() => number} now
 * @returns {Promise<{total_ms: number, features_ms: number, compute_ms: number | null}>}
 */
export async function sample(session, records, calls, now) {
  let features = 0;
  /** @type {number | null} */
  let compute = 0;
  const start = now();
  for (let call = 0; call < calls; call++) {
    const answered = await session.predict(records);
    features += answered.features_ms;
    compute = compute === null || answered.compute_ms === null ? null : compute + answered.compute_ms;
  }
  const total = now() - start;
  return {
    total_ms: total / calls,
    features_ms: features / calls,
    compute_ms: compute === null ? null : compute / calls,
  };
}

/**
 * One turn: a call that is not counted, since another contender has had the caches, then the samples.
 *
 * @param {Session} session
 * @param {readonly FlightRecord[]} records
 * @param {{samples: number, calls: number, now: () => number}} options
 * @returns {Promise<Turn>}
 */
export async function takeTurn(session, records, { samples, calls, now }) {
  /** @type {Turn} */
  const turn = { total_ms: [], features_ms: [], compute_ms: [] };
  await session.predict(records);
  for (let i = 0; i < samples; i++) {
    const { total_ms, features_ms, compute_ms } = await sample(session, records, calls, now);
    turn.total_ms.push(total_ms);
    turn.features_ms.push(features_ms);
    if (compute_ms !== null) turn.compute_ms.push(compute_ms);
  }
  return turn;
}

/**
 * How many calls a sample of this contender needs; warms the batch size up as well.
 *
 * @param {Session} session
 * @param {readonly FlightRecord[]} records
 * @param {{tick_ms: number, now: () => number}} clock
 * @returns {Promise<number>}
 */
export async function calibrate(session, records, { tick_ms, now }) {
  /** @type {number[]} */
  const calls = [];
  for (let i = 0; i < CALIBRATION_CALLS; i++) calls.push((await sample(session, records, 1, now)).total_ms);
  return callsPerSample(median(calls), tick_ms);
}

/**
 * @param {Turn} turn
 * @returns {number[]}
 */
function messagingOf({ total_ms, features_ms, compute_ms }) {
  return compute_ms.map((compute, i) => total_ms[i] - features_ms[i] - compute);
}

/**
 * @param {number[]} samples
 * @returns {Summary | null}
 */
function summaryOrNull(samples) {
  return samples.length > 0 ? summarize(samples) : null;
}

/**
 * @param {Turn[]} turns One a round.
 * @param {Turn[] | null} baseline The baseline's turns in the same rounds.
 * @param {{batch: number, calls: number, samples: number}} settings
 * @returns {SteadyState}
 */
export function describeSteadyState(turns, baseline, { batch, calls, samples }) {
  const medians = (/** @type {Turn[]} */ list) => list.map((turn) => median(turn.total_ms));
  const total = summarize(turns.flatMap((turn) => turn.total_ms));
  return {
    batch,
    calls_per_sample: calls,
    samples_per_turn: samples,
    total,
    features: summarize(turns.flatMap((turn) => turn.features_ms)),
    compute: summaryOrNull(turns.flatMap((turn) => turn.compute_ms)),
    messaging: summaryOrNull(turns.flatMap(messagingOf)),
    ratio: baseline && pairedRatio(medians(turns), medians(baseline)),
    records_per_s: (1000 * batch) / total.median,
    turns,
  };
}
