/** The public API, used as any page would use it. */

import { open } from "../../app/foreshore.js";

/**
 * @typedef {import("../../app/foreshore.js").Predictor} Predictor
 * @typedef {import("../measure/contender.js").Answered} Answered
 * @typedef {import("../measure/contender.js").FlightRecord} FlightRecord
 * @typedef {import("../measure/contender.js").Session} Session
 */

/**
 * @param {string} pipeline
 * @param {string} output Name of the number to compare.
 * @param {AbortSignal} [signal]
 * @returns {Promise<Session>}
 */
export async function openForeshoreSession(pipeline, output, signal) {
  const predictor = await open(pipeline, { signal });
  return {
    predict: (records) =>
      records.length === 1 ? one(predictor, output, records[0]) : many(predictor, output, records),
    close: () => predictor.close(),
    phases: Object.fromEntries(Object.entries(predictor.timings).map(([name, phase]) => [name, phase.duration_ms])),
  };
}

/**
 * @param {Predictor} predictor
 * @param {string} output
 * @param {FlightRecord} record
 * @returns {Promise<Answered>}
 */
async function one(predictor, output, record) {
  const answer = await predictor.predict({ ...record });
  return { values: [answer[output]], features_ms: 0, compute_ms: computed(predictor) };
}

/**
 * @param {Predictor} predictor
 * @param {string} output
 * @param {readonly FlightRecord[]} records
 * @returns {Promise<Answered>}
 */
async function many(predictor, output, records) {
  /** @type {number[]} */
  const values = [];
  const rows = /** @type {readonly any[]} */ (records);
  for await (const { answers } of predictor.predictMany(rows, { batchSize: records.length }))
    for (const answer of answers) values.push(answer[output]);
  return { values, features_ms: 0, compute_ms: computed(predictor) };
}

/** @param {Predictor} predictor */
function computed({ lastCall }) {
  if (lastCall === null) return null;
  const { prepare, run, decode } = lastCall;
  return prepare.duration_ms + run.duration_ms + decode.duration_ms;
}
