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
 * @property {Record<string, number[]>} phases_ms Inside workers, by phase.
 *
 * @typedef {object} SteadyState
 * @property {number} batch Records a call.
 * @property {number} calls_per_sample
 * @property {number} samples_per_turn
 * @property {Summary} total
 * @property {Summary} features
 * @property {Summary} compute Inside workers, all phases together.
 * @property {Record<string, Summary>} phases Its parts.
 * @property {Summary} messaging The rest of the total: posting, JSON, waking and scheduling.
 * @property {Summary | null} ratio Of the rounds' medians to those of the baseline.
 * @property {number} records_per_s At the median.
 * @property {Turn[]} turns
 */

const CALIBRATION_CALLS = 5;

/**
 * Calls back to back.
 *
 * @param {Session} session
 * @param {readonly FlightRecord[]} records
 * @param {number} calls
 * @param {() => number} now
 * @returns {Promise<{total_ms: number, features_ms: number, phases_ms: Record<string, number>}>} Means.
 */
export async function sample(session, records, calls, now) {
  /** @type {Record<string, number>} */
  const phases_ms = {};
  let features = 0;
  const start = now();
  for (let call = 0; call < calls; call++) {
    const answered = await session.predict(records);
    features += answered.features_ms / calls;
    for (const [phase, duration] of Object.entries(answered.phases_ms))
      phases_ms[phase] = (phases_ms[phase] ?? 0) + duration / calls;
  }
  return { total_ms: (now() - start) / calls, features_ms: features, phases_ms };
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
  const turn = { total_ms: [], features_ms: [], phases_ms: {} };
  await session.predict(records);
  for (let i = 0; i < samples; i++) {
    const { total_ms, features_ms, phases_ms } = await sample(session, records, calls, now);
    turn.total_ms.push(total_ms);
    turn.features_ms.push(features_ms);
    for (const [phase, duration] of Object.entries(phases_ms)) {
      turn.phases_ms[phase] ??= [];
      turn.phases_ms[phase].push(duration);
    }
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
 * @returns {number[]} All phases of each sample together.
 */
function computeOf({ total_ms, phases_ms }) {
  return total_ms.map((_, i) => Object.values(phases_ms).reduce((sum, durations) => sum + durations[i], 0));
}

/**
 * @param {Turn} turn
 * @returns {number[]}
 */
function messagingOf(turn) {
  const compute = computeOf(turn);
  return turn.total_ms.map((total, i) => total - turn.features_ms[i] - compute[i]);
}

/**
 * @param {Turn[]} turns
 * @returns {Record<string, Summary>}
 */
function summarizePhases(turns) {
  const names = Object.keys(turns[0].phases_ms);
  return Object.fromEntries(names.map((name) => [name, summarize(turns.flatMap((turn) => turn.phases_ms[name]))]));
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
    compute: summarize(turns.flatMap(computeOf)),
    phases: summarizePhases(turns),
    messaging: summarize(turns.flatMap(messagingOf)),
    ratio: baseline && pairedRatio(medians(turns), medians(baseline)),
    records_per_s: (1000 * batch) / total.median,
    turns,
  };
}
