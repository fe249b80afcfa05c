/** What opening a pipeline takes, out of a release and what the page asked for. */

import { pipelineOf, variantOf, wantedFile, wantedFolder } from "../../shared/release.js";
import { routesOf } from "../../shared/segments.js";
import { agreement, cloudPlan } from "./cloud.js";
import { invalid, oneOf, threadsToUse, wheelUrls } from "./support.js";

/**
 * @typedef {import("../../shared/release.js").Pipeline} Pipeline
 * @typedef {import("../../shared/release.js").Variant} Variant
 * @typedef {import("../../shared/protocol.js").OpenModel} OpenModel
 * @typedef {import("../../shared/protocol.js").OpenPython} OpenPython
 * @typedef {import("../../shared/release.js").Release} Release
 *
 * @typedef {Record<string, import("../../shared/release.js").Wanted>} Folder Its files, by name.
 *
 * @typedef {object} Plan
 * @property {{python: string | null, model: string}} workers URLs of their scripts.
 * @property {OpenPython | null} python Null where the graph does all of it.
 * @property {{worker: string, python: OpenPython} | null} windows What starts Python beside a graph, once its windows are
 *   needed; null where it has none, or where Python is there anyway.
 * @property {OpenModel} model
 * @property {{history: Folder | null, forecasts: Folder | null}} folders Where there are any: tables to look up.
 * @property {readonly Variant[]} variants
 * @property {Pipeline} pipeline
 * @property {import("./cloud.js").CloudPlan | null} cloud Where the site's server may be asked; null where it may not.
 * @property {boolean} cloudFirst Whether it is asked first, and this device in its place.
 * @property {{release: string, variant: string, engine: "graph" | "python"}} about Of this device.
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
export function planned(release, base, name, { engine, variant, threads, provider, wheels = [], consent }) {
  const pipeline = pipelineOf(release, name);
  const chosen = variantOf(pipeline, variant);
  const cloudFirst = engine === "cloud";
  const consented = agreement(consent);
  if (cloudFirst && !consented?.()) {
    const expected = 'true with engine "cloud": the visitor has agreed that records go to the server of this site';
    throw invalid("consent", consented ? false : consent, expected);
  }
  const runsIn = engineFor(pipeline, chosen, cloudFirst ? "auto" : engine, wheels);
  const runs = oneOf("provider", provider, ["wasm", "webgpu"]);
  const { entry } = release;
  const keys = PROVIDERS[runs];
  const worker = base + entry.python_worker;
  const python = pythonPlan(release, base, name, wheels);
  return {
    workers: { python: runsIn === "python" ? worker : null, model: base + entry[keys.worker] },
    python: runsIn === "python" ? python : null,
    windows: runsIn === "graph" && pipeline.view ? { worker, python } : null,
    model: {
      type: "open_model",
      ...modelsPlan(release, base, pipeline, chosen, runsIn),
      wasm: wantedFile(release, entry[keys.wasm], base),
      module: wantedFile(release, entry[keys.module], base),
      provider: runs,
      threads: threadsToUse(threads),
    },
    folders: {
      history: folderOf(release, pipeline.history, base),
      forecasts: folderOf(release, pipeline.forecasts, base),
    },
    variants: pipeline.variants,
    pipeline,
    cloud: consented && cloudPlan(base, release, name, chosen.name, consented),
    cloudFirst,
    about: { release: release.id, variant: chosen.name, engine: runsIn },
  };
}

/**
 * @param {Release} release
 * @param {string | undefined} folder
 * @param {string} base
 */
function folderOf(release, folder, base) {
  return folder === undefined ? null : wantedFolder(release, folder, base);
}

/**
 * The variant's model, and those of the segments that have one of their own.
 *
 * @param {Release} release
 * @param {string} base
 * @param {Pipeline} pipeline
 * @param {Variant} variant
 * @param {"graph" | "python"} engine
 * @returns {Pick<OpenModel, "models" | "routes">}
 */
function modelsPlan(release, base, { contract, encoding }, { segments = {}, ...whole }, engine) {
  const routes = routesOf(encoding, contract.segment, Object.keys(segments));
  const files = [whole, ...Object.values(segments)].map(({ file, graph }) =>
    engine === "graph" ? String(graph) : file,
  );
  return { models: files.map((file) => wantedFile(release, file, base)), routes };
}

/**
 * @param {Release} release
 * @param {string} base
 * @param {string} name Of the pipeline.
 * @param {readonly string[]} wheels
 * @returns {OpenPython}
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
 * @param {Pipeline} pipeline
 * @param {Variant} variant
 * @param {unknown} engine
 * @param {readonly string[]} wheels
 * @returns {"graph" | "python"} What runs on this device.
 */
function engineFor({ graph_reason }, variant, engine, wheels) {
  const asked = oneOf("engine", engine, ["auto", "graph", "python", "cloud"]);
  if (asked === "auto") return variant.graph && !wheels.length ? "graph" : "python";
  if (asked === "graph" && wheels.length)
    throw invalid("wheels", wheels, 'none with engine "graph", which runs no Python');
  if (asked === "graph" && !variant.graph) throw invalid("engine", engine, `"python": ${graph_reason}`);
  return asked === "python" ? asked : "graph";
}
