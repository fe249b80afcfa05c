/**
 * ONNX Runtime Web: the only file that touches it.
 *
 * The bundler makes two workers of this: one with the `/wasm` build as it is imported here, one with the `/webgpu` build
 * in its place.
 */

import * as ort from "onnxruntime-web/wasm";
import { Breakdown, ForeshoreError, notImported } from "../shared/errors.js";

/**
 * @typedef {import("../shared/protocol.js").Tensors} Tensors
 * @typedef {import("../shared/protocol.js").TensorData} TensorData
 *
 * @typedef {"float32" | "float64" | "int8" | "uint8" | "int16" | "uint16" | "int32" | "uint32" | "int64" | "uint64"} Dtype
 */

/** @type {ReadonlyMap<Function, Dtype>} */
const DTYPES = new Map(
  /** @type {[Function, Dtype][]} */ ([
    [Float32Array, "float32"],
    [Float64Array, "float64"],
    [Int8Array, "int8"],
    [Uint8Array, "uint8"],
    [Int16Array, "int16"],
    [Uint16Array, "uint16"],
    [Int32Array, "int32"],
    [Uint32Array, "uint32"],
    [BigInt64Array, "int64"],
    [BigUint64Array, "uint64"],
  ]),
);

/** Errors alone: the build for WebGPU writes to the console as an error even that it leaves an operator to the CPU. */
const SESSION = /** @type {const} */ ({ logSeverityLevel: 3 });

/**
 * Tell ORT what to start from. It starts with the first session.
 *
 * @param {object} runtime
 * @param {Uint8Array<ArrayBuffer>} runtime.wasm The binary.
 * @param {string} runtime.module URL of the script that belongs to it. Its threads are workers of that same URL.
 * @param {number} runtime.threads
 */
export function configure({ wasm, module, threads }) {
  ort.env.logLevel = "error";
  ort.env.wasm.wasmBinary = wasm;
  ort.env.wasm.wasmPaths = { mjs: module };
  ort.env.wasm.numThreads = threads;
}

/** A model that is ready to run. Its memory goes with its worker. */
export class Model {
  #session;

  /** @param {ort.InferenceSession} session */
  constructor(session) {
    this.#session = session;
  }

  /**
   * @param {Uint8Array} bytes An ONNX model.
   * @param {"wasm" | "webgpu"} provider
   * @returns {Promise<Model>}
   */
  static async load(bytes, provider) {
    try {
      return new Model(await ort.InferenceSession.create(bytes, { executionProviders: [provider], ...SESSION }));
    } catch (error) {
      throw modelError("the model could not be loaded", error);
    }
  }

  /** Threads that ORT runs on; 1 where it could not have more. */
  get threads() {
    return ort.env.wasm.numThreads ?? 1;
  }

  /**
   * @param {Tensors} feeds
   * @returns {Promise<Tensors>} Copies of the outputs; their buffers are the caller's.
   */
  async run(feeds) {
    try {
      const outputs = await this.#session.run(
        mapped(feeds, ({ data, dims }) => new ort.Tensor(dtype(data), data, dims)),
      );
      return mapped(outputs, ({ data, dims }) => ({ data: /** @type {TensorData} */ (data), dims: [...dims] }));
    } catch (error) {
      throw modelError("the model could not be run", error);
    }
  }

  /**
   * Run once on zeros, so that the first real run finds memory laid out and threads started.
   *
   * @returns {Promise<void>}
   */
  async warmUp() {
    await this.run(Object.fromEntries(this.#session.inputMetadata.map((input) => [input.name, zeros(input)])));
  }
}

/**
 * @param {ort.InferenceSession.ValueMetadata} input
 * @returns {import("../shared/protocol.js").Tensor} One row.
 */
function zeros(input) {
  if (!input.isTensor) throw new ForeshoreError("model", `${input.name}: got an input that is no tensor, expected one`);
  const dims = input.shape.map((size) => (typeof size === "number" ? size : 1));
  const length = dims.reduce((product, size) => product * size, 1);
  const types = [...DTYPES].find(([, name]) => name === input.type);
  if (!types)
    throw new ForeshoreError("model", `${input.name}: got ${input.type}, expected ${[...DTYPES.values()].join(", ")}`);
  const Data = /** @type {new (length: number) => TensorData} */ (types[0]);
  return { data: new Data(length), dims };
}

/**
 * @param {TensorData} data
 * @returns {Dtype}
 */
function dtype(data) {
  const name = DTYPES.get(data.constructor);
  if (!name) throw new ForeshoreError("model", `got ${data.constructor.name}, expected a typed array`);
  return name;
}

/**
 * @template {object} A
 * @template B
 * @param {Record<string, A>} record
 * @param {(value: A) => B} change
 * @returns {Record<string, B>}
 */
function mapped(record, change) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

/**
 * @param {string} what
 * @param {unknown} cause
 */
function modelError(what, cause) {
  if (cause instanceof ForeshoreError) return cause;
  if (cause instanceof WebAssembly.RuntimeError) return new Breakdown("ONNX Runtime", cause);
  const missing = notImported(cause, "ONNX Runtime's script");
  if (missing) return missing;
  return new ForeshoreError("model", `${what}: ${cause instanceof Error ? cause.message : cause}`, { cause });
}
