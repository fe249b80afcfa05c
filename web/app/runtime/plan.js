/** What opening a pipeline takes, out of a release and what the page asked for. */

import { pipelineOf, variantOf, wantedFile, wantedFolder } from "../../shared/release.js";
import { invalid, oneOf, threadsToUse, wheelUrls } from "./support.js";

/**
 * @typedef {import("../../shared/protocol.js").OpenModel} OpenModel
 * @typedef {import("../../shared/protocol.js").OpenPython} OpenPython
 * @typedef {import("../../shared/release.js").Release} Release
 *
 * @typedef {object} Plan
 * @property {{python: string | null, model: string}} workers URLs of their scripts.
 * @property {Omit<OpenPython, "model_port"> | null} python Null where the graph does all of it.
 * @property {OpenModel} model
 * @property {readonly import("../../shared/release.js").Variant[]} variants
 * @property {import("../../shared/release.js").Pipeline} pipeline
 * @property {{release: string, variant: string, engine: "graph" | "python"}} about
 */

/** What runs a model: where its worker, its binary and the script that belongs to it stand in the manifest. */
const PROVIDERS = /** @type {const} */ ({
  wasm: { worker: "ort_worker", wasm: "ort_wasm", module: "ort_module" },
  webgpu: { worker: "ort_webgpu_worker", wasm: "ort_webgpu_wasm", module: "ort_webgpu_module" },
});

/**
 * @param {Release} release
 * @param {string} base
 * @param {string} name Of the pipeline.
 * @param {import("../foreshore.js").OwnOptions} options
 * @returns {Plan}
 * @throws {import("../../shared/errors.js").ForeshoreError} "validation" for an option that does not fit the release.
 */
export function planned(release, base, name, { engine, variant, threads, provider, wheels = [] }) {
  const pipeline = pipelineOf(release, name);
  const chosen = variantOf(pipeline, variant);
  const runsIn = engineFor(pipeline, chosen, engine, wheels);
  const runs = oneOf("provider", provider, ["wasm", "webgpu"]);
  const { entry } = release;
  const keys = PROVIDERS[runs];
  return {
    workers: { python: runsIn === "python" ? base + entry.python_worker : null, model: base + entry[keys.worker] },
    python: runsIn === "python" ? pythonPlan(release, base, name, wheels) : null,
    model: {
      type: "open_model",
      model: wantedFile(release, runsIn === "graph" ? String(chosen.graph) : chosen.file, base),
      wasm: wantedFile(release, entry[keys.wasm], base),
      module: wantedFile(release, entry[keys.module], base),
      provider: runs,
      threads: threadsToUse(threads),
    },
    variants: pipeline.variants,
    pipeline,
    about: { release: release.id, variant: chosen.name, engine: runsIn },
  };
}

/**
 * @param {Release} release
 * @param {string} base
 * @param {string} name Of the pipeline.
 * @param {readonly string[]} wheels
 * @returns {Omit<OpenPython, "model_port">}
 */
function pythonPlan(release, base, name, wheels) {
  const { entry } = release;
  return {
    type: "open_python",
    pipeline: name,
    packages: [pipelineOf(release, name).package],
    folder: base + entry.pyodide_folder,
    files: wantedFolder(release, entry.pyodide_folder, base),
    wheels: wheelUrls(wheels),
  };
}

/**
 * The engine that was asked for; for "auto" the graph where there is one and no wheel is to be installed into Python.
 *
 * @param {import("../../shared/release.js").Pipeline} pipeline
 * @param {import("../../shared/release.js").Variant} variant
 * @param {unknown} engine
 * @param {readonly string[]} wheels
 * @returns {"graph" | "python"}
 */
function engineFor({ graph_reason }, variant, engine, wheels) {
  const asked = oneOf("engine", engine, ["auto", "graph", "python"]);
  if (asked === "auto") return variant.graph && !wheels.length ? "graph" : "python";
  if (asked === "graph" && wheels.length)
    throw invalid("wheels", wheels, 'none with engine "graph", which runs no Python');
  if (asked === "graph" && !variant.graph) throw invalid("engine", engine, `"python": ${graph_reason}`);
  return asked;
}
