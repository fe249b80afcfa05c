/** Who takes part, given a release and this device. */

import { planned } from "../../app/runtime/plan.js";
import { ForeshoreError } from "../../shared/errors.js";
import { pipelineOf, variantOf, wantedFile } from "../../shared/release.js";
import { PIPELINES } from "../plain/pipelines.js";
import { openForeshoreSession } from "./foreshore.js";
import { openModelSession } from "./model.js";

/**
 * @typedef {import("../../shared/release.js").Release} Release
 * @typedef {import("../../shared/release.js").Variant} Variant
 * @typedef {import("../measure/agreement.js").Expectation} Expectation
 * @typedef {import("../measure/contender.js").Contender} Contender
 *
 * @typedef {object} Ground What contenders are made from.
 * @property {Release} release
 * @property {string} base URL of the site's root.
 * @property {string} pipeline
 * @property {number} threads The most that ONNX Runtime may have here.
 * @property {boolean} webgpu Whether the browser has an adapter.
 */

export const PLAIN = "javascript";
export const EXACT_VARIANT = "fp32";

/**
 * Half of the answer, or of a unit: measured 0.02 for `eta` in int8 and 0.16 pruned; a broken one is off by whole answers. That
 * a variant computes here what it does on the host is the gate's to find, with the contract's tolerance.
 */
const APPROXIMATION = 0.5;

/** GPUs may add in another order and in shortened multiplications. */
const WEBGPU_TOLERANCE = 1e-3;

/**
 * @param {Ground} ground
 * @returns {Contender[]}
 */
export function lineup(ground) {
  const pipeline = pipelineOf(ground.release, ground.pipeline);
  const { variants } = pipeline;
  const { graph } = variantOf(pipeline, undefined);
  const threads = ground.threads > 1 ? [1, ground.threads] : [1];
  return [
    plain(ground),
    ...variants.flatMap((variant) => threads.map((count) => onnxruntime(ground, variant, count, "wasm"))),
    ...(ground.webgpu ? [onnxruntime(ground, variantOf(pipeline, EXACT_VARIANT), 1, "webgpu")] : []),
    foreshore(ground, "python"),
    ...(graph ? [foreshore(ground, "graph")] : []),
  ];
}

/**
 * @param {Ground} ground
 * @returns {string} Id of the contender that a page gets which leaves the choice of the engine to the public API.
 */
export function publicApiId({ release, base, pipeline, threads }) {
  return foreshoreId(planned(release, base, pipeline, { threads }).about.engine);
}

/** @param {"graph" | "python"} engine */
function foreshoreId(engine) {
  return `foreshore-${engine}`;
}

/**
 * What answers must equal: the recorded ones, exactly or, for a variant that approximates, as closely as the release says it
 * does; and with several threads what one thread gives.
 *
 * @param {Ground} ground
 * @param {Variant} variant
 * @param {number} threads
 * @param {"wasm" | "webgpu"} provider
 * @returns {Expectation[]}
 */
function expectations({ release, pipeline }, variant, threads, provider) {
  const { tolerance } = pipelineOf(release, pipeline).contract;
  if (variant.name === EXACT_VARIANT) {
    return [
      { reference: "golden", statistic: "largest", tolerance: provider === "webgpu" ? WEBGPU_TOLERANCE : tolerance },
    ];
  }
  /** @type {Expectation[]} */
  const approximate = [{ reference: "golden", statistic: "typical", tolerance: APPROXIMATION }];
  if (threads > 1) approximate.push({ reference: modelId(variant, 1, provider), statistic: "largest", tolerance });
  return approximate;
}

/**
 * @param {Variant} variant
 * @param {number} threads
 * @param {string} provider
 */
function modelId({ name }, threads, provider) {
  return `onnxruntime-${name}-${provider === "wasm" ? `${threads}t` : provider}`;
}

/** @param {Ground} ground */
function surroundings({ release, pipeline }) {
  return { plain: PIPELINES[pipeline], prediction: pipelineOf(release, pipeline).contract.outputs[0].tensor };
}

/**
 * @param {Ground} ground
 * @returns {Contender}
 */
function plain(ground) {
  const { release, base, pipeline } = ground;
  const folder = pipelineOf(release, pipeline).benchmark_weights;
  const worker = release.entry.plain_worker;
  if (!folder || !worker) throw incomplete(release.id);
  const around = surroundings(ground);
  const request = {
    type: /** @type {const} */ ("open_network"),
    description: wantedFile(release, `${folder}weights.json`, base),
    weights: wantedFile(release, `${folder}weights.bin`, base),
    output: around.prediction,
  };
  return {
    id: PLAIN,
    label: "Hand-written JavaScript",
    engine: "javascript",
    variant: EXACT_VARIANT,
    provider: "javascript",
    threads: 1,
    expectations: [
      { reference: "golden", statistic: "largest", tolerance: pipelineOf(release, pipeline).contract.tolerance },
    ],
    urls: [base + worker, request.description.url, request.weights.url],
    open: (signal) => openModelSession(base + worker, request, around, signal),
  };
}

/** @param {string} id */
function incomplete(id) {
  return new ForeshoreError(
    "artefact",
    `release ${id} holds no benchmark_weights or plain_worker; build the site anew`,
  );
}

/**
 * @param {Ground} ground
 * @param {Variant} variant
 * @param {number} threads
 * @param {"wasm" | "webgpu"} provider
 * @returns {Contender}
 */
function onnxruntime(ground, variant, threads, provider) {
  const { release, base, pipeline } = ground;
  const { workers, model } = planned(release, base, pipeline, {
    ...{ engine: "python", variant: variant.name, threads, provider },
  });
  const how = provider === "webgpu" ? "WebGPU" : threads === 1 ? "1 thread" : `${threads} threads`;
  return {
    id: modelId(variant, threads, provider),
    label: `ONNX Runtime ${variant.name}, ${how}`,
    engine: "onnxruntime",
    variant: variant.name,
    provider,
    threads,
    expectations: expectations(ground, variant, threads, provider),
    urls: [workers.model, ...[model.wasm, model.module, ...model.models].map(({ url }) => url)],
    open: (signal) => openModelSession(workers.model, model, surroundings(ground), signal),
  };
}

/**
 * @param {Ground} ground
 * @param {"graph" | "python"} engine
 * @returns {Contender}
 */
function foreshore(ground, engine) {
  const { release, base, pipeline, threads } = ground;
  const { workers, python, model, about } = planned(release, base, pipeline, { engine, threads });
  const offered = pipelineOf(release, pipeline);
  const variant = variantOf(offered, about.variant);
  return {
    id: foreshoreId(engine),
    label: `Foreshore ${variant.name}, ${engine === "python" ? "in Python" : "as one graph"}`,
    engine: "foreshore",
    variant: variant.name,
    provider: "wasm",
    threads,
    expectations: expectations(ground, variant, 1, "wasm"),
    urls: [
      ...(workers.python ? [workers.python] : []),
      workers.model,
      ...[model.wasm, model.module, ...model.models, ...Object.values(python?.files ?? {})].map(({ url }) => url),
    ],
    open: (signal) => openForeshoreSession(pipeline, offered.contract.outputs[0].name, { engine, threads, signal }),
  };
}
