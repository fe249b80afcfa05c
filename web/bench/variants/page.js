/** What the runner in Python calls in an empty page: its request in, JSON out. */

import { describeDevice, isSoftware } from "../contenders/device.js";
import { measureVariants, VariantFailure } from "./measure.js";
import { ARRAYS, loadRows } from "./rows.js";
import { openSession } from "./session.js";

/**
 * @typedef {import("../../shared/protocol.js").TensorData} TensorData
 * @typedef {import("../../shared/protocol.js").Tensors} Tensors
 * @typedef {import("../../shared/release.js").Wanted} Wanted
 * @typedef {import("./measure.js").Measurement} Measurement
 * @typedef {import("./measure.js").Plan} Plan
 *
 * @typedef {{dtype: string, dims: number[], base64: string}} Encoded A tensor in JSON; little-endian.
 *
 * @typedef {(name: string, doing: string) => Promise<void>} Tell
 *
 * @typedef {object} Request
 * @property {string} worker URL of the worker's script.
 * @property {Wanted} wasm
 * @property {Wanted} module
 * @property {"wasm" | "webgpu"} provider
 * @property {number} threads
 * @property {{name: string, file: Wanted}[]} models
 * @property {import("./rows.js").Rows[]} rows
 * @property {number} batch
 * @property {Plan} plan
 * @property {boolean} software Whether a WebGPU adapter may be a program on the processor.
 */

/** Arguments of one call of `String.fromCharCode`; browsers bound them. */
const CHUNK = 32_768;

/**
 * @param {Request} request
 * @param {Tell} tell Before each step, which waits until it has been heard: whoever hears last of a page knows where it was.
 */
export async function run(request, tell) {
  const environment = await describeDevice();
  if (request.provider === "webgpu" && !isUsable(environment.webgpu, request.software)) return { environment };
  const rows = Object.fromEntries(await Promise.all(request.rows.map((rows) => loadRows(rows))));
  try {
    return { environment, run: encoded(await measured(request, { rows, tick_ms: environment.clock_tick_ms, tell })) };
  } catch (error) {
    if (!(error instanceof VariantFailure)) throw error;
    return { environment, failure: error.message };
  }
}

/**
 * @param {string} adapter
 * @param {boolean} software
 */
function isUsable(adapter, software) {
  return adapter !== "" && (software || !isSoftware(adapter));
}

/**
 * @param {Request} request
 * @param {{rows: Tensors, tick_ms: number, tell: Tell}} options
 */
function measured({ models, worker, batch, plan, ...runtime }, { rows, tick_ms, tell }) {
  const { wasm, module, provider, threads } = runtime;
  const variants = models.map(({ name, file }) => ({
    name,
    open: () => openSession(worker, { type: "open_variant", model: file, wasm, module, provider, threads }),
  }));
  const rest = (/** @type {number} */ delay_ms) =>
    new Promise((/** @type {(value: void) => void} */ resolve) => setTimeout(resolve, delay_ms));
  const onStep = (/** @type {number} */ _, /** @type {string} */ name, /** @type {string} */ doing) =>
    tell(name, doing);
  return measureVariants(variants, { plan, batch, rows, tick_ms, rest, onStep });
}

/** @param {Measurement} measurement */
function encoded({ models, orders }) {
  return { orders, models: models.map((model) => ({ ...model, outputs: encodedTensors(model.outputs) })) };
}

/**
 * @param {Tensors} tensors
 * @returns {Record<string, Encoded>}
 */
function encodedTensors(tensors) {
  const entries = Object.entries(tensors).map(([name, { data, dims }]) => {
    const [dtype] = Object.entries(ARRAYS).find(([, Data]) => data instanceof Data) ?? [data.constructor.name];
    return [name, { dtype, dims, base64: base64(data) }];
  });
  return Object.fromEntries(entries);
}

/** @param {TensorData} data */
function base64({ buffer, byteOffset, byteLength }) {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  let binary = "";
  for (let start = 0; start < bytes.length; start += CHUNK)
    binary += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
  return btoa(binary);
}
