/** The release manifest: what a channel points to, and what names every file of a release. */

import { ForeshoreError } from "./errors.js";

/** The manifest's format that this code reads. */
export const FORMAT = 1;

/** Where the channel lies that visitors follow, relative to the site's root. */
export const CHANNEL = "channels/stable.json";

/**
 * @typedef {import("../generated/vocabulary.js").Contract} Contract
 * @typedef {import("../generated/vocabulary.js").EncodingTable} EncodingTable
 *
 * @typedef {{release: string, manifest: string, sha256: string, sequence: number}} Channel
 *
 * @typedef {object} FileEntry One immutable file.
 * @property {string} sha256 In hexadecimal, of the file itself, not of its brotli twin.
 * @property {number} size_bytes
 * @property {number} [brotli_bytes] Of the twin, where there is one.
 *
 * @typedef {object} Variant One compressed form of a model.
 * @property {string} name
 * @property {string} file
 * @property {number} size_bytes
 * @property {Record<string, number>} quality
 * @property {string} [graph] The model joined to the lowered features, where they lower.
 * @property {Record<string, {file: string, graph?: string}>} [segments] Models of their own, by value of the contract's
 *   segment field.
 *
 * @typedef {object} View What fills the contract's context, as far as a page needs to know it.
 * @property {{windows: {name: string}[]}} windows The streaming features.
 * @property {{name: string}[]} historical The historical features.
 * @property {Record<string, string[]>} tables Their names, by the table that holds them.
 * @property {{name: string, field: string, part: "hour"}[]} derived Query fields made of a record's fields.
 *
 * @typedef {object} Pipeline
 * @property {Contract} contract
 * @property {string} package Name of its wheel in the Pyodide lock.
 * @property {string} module
 * @property {Variant[]} variants
 * @property {string} default_variant
 * @property {EncodingTable} encoding
 * @property {string} [verification] Report of the verification gate (JSON).
 * @property {string | null} graph_reason Why there is no graph, where there is none.
 * @property {string} [golden]
 * @property {string} [card]
 * @property {string} [samples] A folder, with a slash at its end.
 * @property {View | null} [view]
 * @property {string} [history] A folder too: `index.json`, and tables of the view's historical features.
 * @property {string} [forecasts] A folder too: `index.json`, and tables of answers computed ahead.
 * @property {string} [compression] A folder too: `compression.json`, and what a page needs to measure the variants it compares.
 * @property {string} [benchmark_weights] A folder too: the model for the benchmark's plain JavaScript.
 *
 * @typedef {object} Entry What the runtime starts from; every value is a path relative to the site's root.
 * @property {string} python_worker
 * @property {string} ort_worker
 * @property {string} ort_webgpu_worker
 * @property {string} batch_worker
 * @property {string} pyodide_folder
 * @property {string} ort_wasm
 * @property {string} ort_module
 * @property {string} ort_webgpu_wasm
 * @property {string} ort_webgpu_module
 *
 * @typedef {object} Release
 * @property {number} format
 * @property {string} id
 * @property {number} sequence
 * @property {string} created
 * @property {string} expires
 * @property {{pyodide: string, python: string, numpy: string, onnxruntime_web: string}} runtime
 * @property {Entry & Record<string, string>} entry
 * @property {Record<string, FileEntry>} files By path relative to the site's root.
 * @property {Record<string, Pipeline>} pipelines
 * @property {string} [case_studies] Published compressions, measured anew (JSON).
 * @property {string} [serving_costs] What answers took of a server's processor, online and in batch (JSON).
 *
 * @typedef {object} Wanted A file to download, and how to know it.
 * @property {string} url
 * @property {string} sha256
 * @property {number | null} size_bytes Null where only the hash is known.
 */

/**
 * The channel's content, checked.
 *
 * @param {unknown} value Parsed JSON.
 * @param {string} url For the message.
 * @returns {Channel}
 */
export function asChannel(value, url) {
  const channel = /** @type {Partial<Channel> | null} */ (value);
  if (typeof channel?.manifest === "string" && /^[0-9a-f]{64}$/.test(String(channel.sha256))) {
    return /** @type {Channel} */ (channel);
  }
  throw new ForeshoreError("artefact", `${url}: got no manifest and sha256, expected a channel; build the site anew`);
}

/**
 * The manifest's content, checked as far as its form goes; its bytes were checked against the channel before.
 *
 * @param {unknown} value Parsed JSON.
 * @param {string} url For the message.
 * @returns {Release}
 */
export function asRelease(value, url) {
  const release = /** @type {Partial<Release> | null} */ (value);
  if (release?.format === FORMAT && release.files && release.entry && release.pipelines) {
    return /** @type {Release} */ (release);
  }
  const advice = "reload the page, or build the site anew";
  throw new ForeshoreError("artefact", `${url}: got format ${release?.format}, expected ${FORMAT}; ${advice}`);
}

/**
 * @param {Release} release
 * @param {string} path Relative to the site's root.
 * @param {string} base The site's root, with a slash at its end.
 * @returns {Wanted}
 */
export function wantedFile(release, path, base) {
  const entry = release.files[path];
  if (!entry)
    throw new ForeshoreError("artefact", `${path}: not among the files of release ${release.id}; build it anew`);
  return { url: base + path, sha256: entry.sha256, size_bytes: entry.size_bytes };
}

/**
 * Every file of a folder of the release, by name within the folder.
 *
 * @param {Release} release
 * @param {string} folder With a slash at its end.
 * @param {string} base The site's root, with a slash at its end.
 * @returns {Record<string, Wanted>}
 */
export function wantedFolder(release, folder, base) {
  const paths = Object.keys(release.files).filter((path) => path.startsWith(folder));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), wantedFile(release, path, base)]));
}

/**
 * @param {Release} release
 * @param {string} name
 * @returns {Pipeline}
 */
export function pipelineOf(release, name) {
  if (Object.hasOwn(release.pipelines, name)) return release.pipelines[name];
  const known = Object.keys(release.pipelines).join(", ") || "none";
  throw new ForeshoreError("validation", `pipeline: got ${JSON.stringify(name)}, expected one of: ${known}`, {
    field: "pipeline",
  });
}

/**
 * @param {Pipeline} pipeline
 * @param {string | undefined} name Undefined gives the default variant.
 * @returns {Variant}
 */
export function variantOf(pipeline, name) {
  const variant = pipeline.variants.find((each) => each.name === (name ?? pipeline.default_variant));
  if (variant) return variant;
  const known = pipeline.variants.map((each) => each.name).join(", ");
  throw new ForeshoreError("validation", `variant: got ${JSON.stringify(name)}, expected one of: ${known}`, {
    field: "variant",
  });
}
