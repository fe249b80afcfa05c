/**
 * Features and decoding in plain JavaScript on the page, the model in a worker: one session for the network in plain
 * JavaScript and for ONNX Runtime alike, so that they differ in what runs the model and in nothing else.
 */

import { hire } from "../../app/runtime/crew.js";
import { ForeshoreError } from "../../shared/errors.js";
import { buffersOf } from "../../shared/tensors.js";

/**
 * @typedef {import("../../shared/protocol.js").OpenModel} OpenModel
 * @typedef {import("../../shared/protocol.js").OpenNetwork} OpenNetwork
 * @typedef {import("../measure/contender.js").Answered} Answered
 * @typedef {import("../measure/contender.js").InputRecord} InputRecord
 * @typedef {import("../measure/contender.js").Session} Session
 * @typedef {import("../plain/pipelines.js").PlainPipeline<any>} PlainPipeline
 *
 * @typedef {object} Surroundings Of the model.
 * @property {PlainPipeline} plain
 * @property {string} prediction Name of the model's output.
 */

/**
 * @param {string} url Of the worker's script.
 * @param {OpenModel | OpenNetwork} request What makes it ready.
 * @param {Surroundings} surroundings
 * @param {AbortSignal} [signal]
 * @returns {Promise<Session>}
 */
export async function openModelSession(url, request, surroundings, signal) {
  const { worker, calls } = hire(url, "foreshore-benchmark");
  const close = async () => {
    worker.terminate();
    calls.fail(new ForeshoreError("closed", "the contender was closed"));
  };
  try {
    const { spans } = await calls.call(request, { signal });
    return { predict: (records) => predict(calls, surroundings, records), close, phases: durations(spans) };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * @param {import("../../shared/calls.js").Calls} calls
 * @param {Surroundings} surroundings
 * @param {readonly InputRecord[]} records
 * @returns {Promise<Answered>}
 */
async function predict(calls, { plain, prediction }, records) {
  const start = performance.now();
  const prepared = plain.prepare(records);
  const prepare = performance.now() - start;
  const transfer = [...buffersOf(prepared.feeds), ...(prepared.segments ? [prepared.segments.buffer] : [])];
  const { outputs, spans } = await calls.call({ type: "run", ...prepared }, { transfer });
  const answered = performance.now();
  const answers = plain.decode(outputs[prediction]);
  return { answers, phases_ms: { prepare, ...durations(spans), decode: performance.now() - answered } };
}

/**
 * @param {import("../../shared/protocol.js").Spans} spans
 * @returns {Record<string, number>} Milliseconds by name.
 */
function durations(spans) {
  return Object.fromEntries(Object.entries(spans).map(([name, { start_ms, end_ms }]) => [name, end_ms - start_ms]));
}
