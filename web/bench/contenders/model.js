/**
 * Features in plain JavaScript on the page, the model in a worker: one session for the network in plain JavaScript and for
 * ONNX Runtime alike, so that they differ in what runs the model and in nothing else.
 */

import { hire } from "../../app/runtime/crew.js";
import { ForeshoreError } from "../../shared/errors.js";
import { FEATURE_COUNT, originsOf, writeFeatures } from "../plain/eta.js";

/**
 * @typedef {import("../../shared/protocol.js").OpenModel} OpenModel
 * @typedef {import("../../shared/protocol.js").OpenNetwork} OpenNetwork
 * @typedef {import("../measure/contender.js").Answered} Answered
 * @typedef {import("../measure/contender.js").FlightRecord} FlightRecord
 * @typedef {import("../measure/contender.js").Session} Session
 *
 * @typedef {{features: string, prediction: string}} TensorNames
 */

/**
 * @param {string} url Of the worker's script.
 * @param {OpenModel | OpenNetwork} request What makes it ready.
 * @param {TensorNames} names
 * @param {AbortSignal} [signal]
 * @returns {Promise<Session>}
 */
export async function openModelSession(url, request, names, signal) {
  const { worker, calls } = hire(url, "foreshore-benchmark");
  const close = async () => {
    worker.terminate();
    calls.fail(new ForeshoreError("closed", "the contender was closed"));
  };
  try {
    const { spans } = await calls.call(request, { signal });
    return { predict: (records) => predict(calls, names, records), close, phases: durations(spans) };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * @param {import("../../shared/calls.js").Calls} calls
 * @param {TensorNames} names
 * @param {readonly FlightRecord[]} records
 * @returns {Promise<Answered>}
 */
async function predict(calls, names, records) {
  const start = performance.now();
  // Not kept between calls: the worker takes it over, which costs less than copying it.
  const data = new Float32Array(records.length * FEATURE_COUNT);
  writeFeatures(records, data);
  const segments = originsOf(records);
  const prepare = performance.now() - start;
  const feeds = { [names.features]: { data, dims: [records.length, FEATURE_COUNT] } };
  const { outputs, spans } = await calls.call(
    { type: "run", feeds, segments },
    { transfer: [data.buffer, segments.buffer] },
  );
  const values = /** @type {Float32Array} */ (outputs[names.prediction].data);
  return { values, phases_ms: { prepare, ...durations(spans) } };
}

/**
 * @param {import("../../shared/protocol.js").Spans} spans
 * @returns {Record<string, number>} Milliseconds by name.
 */
function durations(spans) {
  return Object.fromEntries(Object.entries(spans).map(([name, { start_ms, end_ms }]) => [name, end_ms - start_ms]));
}
