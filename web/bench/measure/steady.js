/** The steady state: how long a call takes once everything is loaded and warm. */

import { callsPerSample } from "./rounds.js";
import { median, pairedRatio, summarize } from "./statistics.js";

/**
 * @typedef {import("./contender.js").Session} Session
 * @typedef {import("./contender.js").InputRecord} InputRecord
 * @typedef {import("./statistics.js").Summary} Summary
 *
 * @typedef {object} Turn One contender's samples of one round; each is a mean over `calls_per_sample` calls.
 * @property {number[]} total_ms From the page's call to the page's answer.
 * @property {Record<string, number[]>} phases_ms The work itself, by phase.
 *
 * @typedef {object} SteadyState
 * @property {number} batch Records a call.
 * @property {number} calls_per_sample
 * @property {number} samples_per_turn
 * @property {Summary} total
 * @property {Record<string, Summary>} phases The work itself: "prepare", "run", "decode", wherever it was done.
 * @property {Summary} messaging The rest of the total: posting, JSON, waking and scheduling.
 * @property {Summary | null} ratio Of the rounds' medians to those of the baseline.
 * @property {number} records_per_s At the median.
 * @property {Turn[]} turns
 */

const CALIBRATION_CALLS = 5;
/** Enough to know that one call is a sample of its own. */
const CALIBRATION_MS = 500;

/**
 * Calls back to back.
 *
 * @param {Session} session
 * @param {readonly InputRecord[]} records
 * @param {number} calls
 * @param {() => number} now
 * @returns {Promise<{total_ms: number, phases_ms: Record<string, number>}>} Means.
 */
export async function sample(session, records, calls, now) {
  /** @type {Record<string, number>} */
  const phases_ms = {};
  const start = now();
  for (let call = 0; call < calls; call++) {
    const answered = await session.predict(records);
    for (const [phase, duration] of Object.entries(answered.phases_ms))
      phases_ms[phase] = (phases_ms[phase] ?? 0) + duration / calls;
  }
  return { total_ms: (now() - start) / calls, phases_ms };
}

/**
 * One turn: a call that is not counted, since another contender has had the caches, then the samples.
 *
 * @param {Session} session
 * @param {readonly InputRecord[]} records
 * @param {{samples: number, calls: number, now: () => number}} options
 * @returns {Promise<Turn>}
 */
export async function takeTurn(session, records, { samples, calls, now }) {
  /** @type {Turn} */
  const turn = { total_ms: [], phases_ms: {} };
  await session.predict(records);
  for (let i = 0; i < samples; i++) {
    const { total_ms, phases_ms } = await sample(session, records, calls, now);
    turn.total_ms.push(total_ms);
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
 * @param {readonly InputRecord[]} records
 * @param {{tick_ms: number, now: () => number}} clock
 * @returns {Promise<number>}
 */
export async function calibrate(session, records, { tick_ms, now }) {
  /** @type {number[]} */
  const calls = [];
  const start = now();
  while (calls.length < CALIBRATION_CALLS && now() - start < CALIBRATION_MS)
    calls.push((await sample(session, records, 1, now)).total_ms);
  return callsPerSample(median(calls), tick_ms);
}

/**
 * @param {Turn} turn
 * @returns {number[]} Of each sample, what no phase accounts for.
 */
function messagingOf({ total_ms, phases_ms }) {
  const phases = Object.values(phases_ms);
  return total_ms.map((total, i) => phases.reduce((rest, durations) => rest - durations[i], total));
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
    phases: summarizePhases(turns),
    messaging: summarize(turns.flatMap(messagingOf)),
    ratio: baseline && pairedRatio(medians(turns), medians(baseline)),
    records_per_s: (1000 * batch) / total.median,
    turns,
  };
}
