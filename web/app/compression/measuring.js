// Variants measured on this device, paired with the base in the same rounds, as the headless measurement does.

import { describeDevice } from "../../bench/contenders/device.js";
import { measureVariants, VariantFailure } from "../../bench/variants/measure.js";
import { loadRows } from "../../bench/variants/rows.js";
import { openSession } from "../../bench/variants/session.js";
import { wantedFile } from "../../shared/release.js";

/** @typedef {import("./points.js").OwnRun} OwnRun */

/**
 * @typedef {object} Ground
 * @property {import("../../shared/release.js").Release} release
 * @property {string} base the site's root
 * @property {import("./material.js").Material} material
 *
 * @typedef {object} Request
 * @property {readonly string[]} names without the base
 * @property {number} threads
 * @property {number} batch
 * @property {"wasm" | "webgpu"} provider
 *
 * @typedef {{ signal: AbortSignal, onProgress: (fraction: number, name: string, doing: string) => void }} Watch
 */

const PLAN = { loads: 1, rounds: 15, turn_ms: 20, warm_up_ms: 200, rest_ms: 5, seed: 2013 };
/** So many at a time beside the base: each holds a worker with a runtime of its own, and a phone has little memory. */
const TOGETHER = 3;
const RUNTIMES = /** @type {const} */ ({
  wasm: { worker: "variant_worker", wasm: "ort_wasm", module: "ort_module" },
  webgpu: { worker: "variant_webgpu_worker", wasm: "ort_webgpu_wasm", module: "ort_webgpu_module" },
});

/**
 * @param {Ground} ground
 * @param {Request} request
 * @param {Watch} watch
 * @returns {Promise<OwnRun>} `failures` names those that did not run here
 * @throws {VariantFailure} where the base fails
 */
export async function measureHere(ground, request, watch) {
  const environment = await describeDevice();
  const rows = await Promise.all(ground.material.rows.map((each) => loadRows(each, watch.signal)));
  const setting = { rows: Object.fromEntries(rows), tick_ms: environment.clock_tick_ms };
  const base = ground.material.facts.base.name;
  const groups = grouped(request.names.filter((name) => name !== base));
  /** @type {Map<string, import("./facts.js").Timed>} */
  const models = new Map();
  /** @type {Record<string, string>} */
  const failures = {};
  for (const [place, group] of groups.entries()) {
    const onProgress = (/** @type {number} */ fraction, /** @type {string} */ name, /** @type {string} */ doing) =>
      watch.onProgress((place + fraction) / groups.length, name, doing);
    const found = await measureGroup(ground, request, [base, ...group], setting, { ...watch, onProgress });
    for (const model of found.models) if (!models.has(model.name)) models.set(model.name, model);
    Object.assign(failures, found.failures);
  }
  const { threads, batch, provider } = request;
  const created = new Date().toISOString();
  return { threads, batch, provider, created, environment: { ...environment }, failures, models: [...models.values()] };
}

/** @param {readonly string[]} names */
function grouped(names) {
  const count = Math.max(1, Math.ceil(names.length / TOGETHER));
  return Array.from({ length: count }, (_, place) => names.slice(place * TOGETHER, (place + 1) * TOGETHER));
}

/**
 * Without those that fail, which are told.
 *
 * @param {Ground} ground
 * @param {Request} request
 * @param {readonly string[]} names the base first
 * @param {{ rows: import("../../shared/protocol.js").Tensors, tick_ms: number }} setting
 * @param {Watch} watch
 */
async function measureGroup(ground, request, names, setting, watch) {
  /** @type {Record<string, string>} */
  const failures = {};
  for (let left = names; ; left = left.filter((name) => !(name in failures))) {
    const variants = left.map((name) => ({ name, open: () => open(ground, request, name, watch.signal) }));
    try {
      const { models } = await measureVariants(variants, {
        ...{ ...setting, plan: PLAN, batch: request.batch, rest, signal: watch.signal },
        onStep: watch.onProgress,
      });
      return { models: models.map(timed), failures };
    } catch (error) {
      if (!(error instanceof VariantFailure) || error.variant === names[0]) throw error;
      failures[error.variant] = error.message;
    }
  }
}

/**
 * @param {Ground} ground
 * @param {Request} request
 * @param {string} name
 * @param {AbortSignal} signal
 */
function open({ release, base, material }, { provider, threads }, name, signal) {
  const keys = RUNTIMES[provider];
  const file = (/** @type {string} */ key) => wantedFile(release, release.entry[key], base);
  const [wasm, module] = [file(keys.wasm), file(keys.module)];
  const model = material.models[name];
  return openSession(
    base + release.entry[keys.worker],
    { type: "open_variant", model, wasm, module, provider, threads },
    signal,
  );
}

/** @param {number} delay_ms */
function rest(delay_ms) {
  return new Promise((/** @type {(value: void) => void} */ resolve) => setTimeout(resolve, delay_ms));
}

/**
 * @param {import("../../bench/variants/measure.js").Measured} measured
 * @returns {import("./facts.js").Timed}
 */
function timed({ name, time_ms, ratio, load_ms, memory }) {
  return { name, time_ms, ratio, load_ms: load_ms.median, peak_memory_bytes: memory.peak.size_bytes };
}
