// What a release holds of a pipeline's compression, and which of its variants can be measured. No DOM.

import { download, parseJson } from "../../shared/download.js";
import { ForeshoreError } from "../../shared/errors.js";
import { pipelineOf, wantedFile, wantedFolder } from "../../shared/release.js";
import { FORMAT } from "./facts.js";

/** @typedef {import("../../shared/release.js").Release} Release */
/** @typedef {import("../../shared/release.js").Wanted} Wanted */
/** @typedef {import("./facts.js").Facts} Facts */
/** @typedef {{ rows: { name: string, dtype: string, dims: number[], file: string }[], models: Record<string, string> }} Offer */

/**
 * @typedef {object} Material
 * @property {Facts} facts
 * @property {import("../../bench/variants/rows.js").Rows[]} rows to feed the models
 * @property {Record<string, Wanted>} models by variant, of those that the release holds
 */

/**
 * The pipelines that were compressed.
 *
 * @param {Release} release
 */
export function compressedOf(release) {
  return Object.entries(release.pipelines)
    .filter(([, { compression }]) => compression !== undefined)
    .map(([name, { contract }]) => ({ name, title: contract.title }));
}

/**
 * @param {Release} release
 * @param {string} base
 * @param {string} name of the pipeline
 * @param {AbortSignal} [signal]
 * @returns {Promise<Material>}
 */
export async function loadMaterial(release, base, name, signal) {
  const pipeline = pipelineOf(release, name);
  if (pipeline.compression === undefined)
    throw new ForeshoreError("validation", `pipeline: got ${name}, expected one that was compressed`);
  const files = wantedFolder(release, pipeline.compression, base);
  const [facts, offer] = await Promise.all(
    ["compression.json", "offer.json"].map(async (file) =>
      parseJson(await download(fileIn(files, file), globalThis, { signal }), file, globalThis),
    ),
  );
  const checked = checkedFacts(facts);
  const { rows, models } = /** @type {Offer} */ (offer);
  return {
    facts: checked,
    rows: rows.map((each) => ({ ...each, file: fileIn(files, each.file) })),
    models: { ...heldModels(files, models), ...releasedModels(release, base, name, checked) },
  };
}

/**
 * @param {Record<string, Wanted>} files
 * @param {string} name
 */
function fileIn(files, name) {
  const file = files[name];
  if (file === undefined)
    throw new ForeshoreError("artefact", `${name}: not in the release’s folder on compression; build it anew`);
  return file;
}

/** @param {unknown} value */
function checkedFacts(value) {
  const facts = /** @type {Partial<Facts> | null} */ (value);
  if (facts?.format === FORMAT) return /** @type {Facts} */ (facts);
  const advice = "run `python3 build.py compress` and build the site anew";
  throw new ForeshoreError("artefact", `compression.json: got format ${facts?.format}, expected ${FORMAT}; ${advice}`);
}

/**
 * @param {Record<string, Wanted>} files
 * @param {Record<string, string>} models
 */
function heldModels(files, models) {
  return Object.fromEntries(Object.entries(models).map(([name, file]) => [name, fileIn(files, file)]));
}

/**
 * What is released is measured as it is released, where it is still what was compared.
 *
 * @param {Release} release
 * @param {string} base
 * @param {string} name
 * @param {Facts} facts
 */
function releasedModels(release, base, name, { base: compared, variants }) {
  const released = pipelineOf(release, name).variants.map(({ name, file }) => /** @type {const} */ ([name, file]));
  const files = released.map(([variant, file]) => /** @type {const} */ ([variant, wantedFile(release, file, base)]));
  const hashes = Object.fromEntries([compared, ...variants].map((each) => [each.name, each.sha256]));
  return Object.fromEntries(files.filter(([variant, { sha256 }]) => hashes[variant] === sha256));
}

/**
 * The case studies of a release; null where it has none.
 *
 * @param {Release} release
 * @param {string} base
 * @returns {Promise<import("./studies.js").Studies | null>}
 */
export async function loadStudies(release, base) {
  if (release.case_studies === undefined) return null;
  const wanted = wantedFile(release, release.case_studies, base);
  const studies = parseJson(await download(wanted, globalThis), wanted.url, globalThis);
  return /** @type {import("./studies.js").Studies} */ (studies);
}
