/** The public API, used as any page would use it. */

import { open } from "../../app/foreshore.js";

/**
 * @typedef {import("../../app/foreshore.js").Predictor} Predictor
 * @typedef {import("../measure/answer.js").Answer} Answer
 * @typedef {import("../measure/contender.js").Answered} Answered
 * @typedef {import("../measure/contender.js").InputRecord} InputRecord
 * @typedef {import("../measure/contender.js").Session} Session
 */

/**
 * @param {string} pipeline
 * @param {string} output Name of the one to compare.
 * @param {import("../../app/foreshore.js").OpenOptions} options
 * @returns {Promise<Session>}
 */
export async function openForeshoreSession(pipeline, output, options) {
  const predictor = await open(pipeline, options);
  return {
    predict: (records) =>
      records.length === 1 ? one(predictor, output, records[0]) : many(predictor, output, records),
    close: () => predictor.close(),
    phases: durations(predictor.timings),
  };
}

/**
 * @param {Predictor} predictor
 * @param {string} output
 * @param {InputRecord} record
 * @returns {Promise<Answered>}
 */
async function one(predictor, output, record) {
  const answer = await predictor.predict({ ...record });
  return { answers: [answer[output]], phases_ms: phasesOf(predictor) };
}

/**
 * @param {Predictor} predictor
 * @param {string} output
 * @param {readonly InputRecord[]} records
 * @returns {Promise<Answered>}
 */
async function many(predictor, output, records) {
  /** @type {Answer[]} */
  const given = [];
  for await (const { answers } of predictor.predictMany(records, { batchSize: records.length }))
    for (const answer of answers) given.push(answer[output]);
  return { answers: given, phases_ms: phasesOf(predictor) };
}

/** @param {Predictor} predictor */
function phasesOf({ lastCall }) {
  const { total: _, ...parts } = lastCall ?? {};
  return durations(parts);
}

/**
 * @param {import("../../app/foreshore.js").Timings} timings
 * @returns {Record<string, number>} Milliseconds by name.
 */
function durations(timings) {
  return Object.fromEntries(Object.entries(timings).map(([name, phase]) => [name, phase.duration_ms]));
}
