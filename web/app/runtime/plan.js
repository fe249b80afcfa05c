/** What opening a pipeline takes, out of a release and what the page asked for. */

import { pipelineOf, variantOf, wantedFile, wantedFolder } from "../../shared/release.js";
import { oneOf, threadsToUse, wheelUrls } from "./support.js";

/**
 * @typedef {import("../../shared/protocol.js").OpenModel} OpenModel
 * @typedef {import("../../shared/protocol.js").OpenPython} OpenPython
 * @typedef {import("../../shared/release.js").Release} Release
 *
 * @typedef {object} Plan
 * @property {{python: string, model: string}} workers URLs of their scripts.
 * @property {Omit<OpenPython, "model_port">} python
 * @property {OpenModel} model
 * @property {readonly import("../../shared/release.js").Variant[]} variants
 * @property {{release: string, variant: string, engine: "python"}} about
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
  const { name: variantName, file } = variantOf(pipeline, variant);
  oneOf("engine", engine, ["auto", "python"]);
  const runs = oneOf("provider", provider, ["wasm", "webgpu"]);
  const { entry } = release;
  const keys = PROVIDERS[runs];
  return {
    workers: { python: base + entry.python_worker, model: base + entry[keys.worker] },
    python: {
      type: "open_python",
      pipeline: name,
      packages: [pipeline.package],
      folder: base + entry.pyodide_folder,
      files: wantedFolder(release, entry.pyodide_folder, base),
      wheels: wheelUrls(wheels),
    },
    model: {
      type: "open_model",
      model: wantedFile(release, file, base),
      wasm: wantedFile(release, entry[keys.wasm], base),
      module: wantedFile(release, entry[keys.module], base),
      provider: runs,
      threads: threadsToUse(threads),
    },
    variants: pipeline.variants,
    about: { release: release.id, variant: variantName, engine: "python" },
  };
}
