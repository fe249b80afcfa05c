/** A pipeline's recorded cases, which everybody must answer alike before anybody is timed. */

import { bytesOfBase64 } from "../../shared/base64.js";
import { download, parseJson } from "../../shared/download.js";
import { ForeshoreError } from "../../shared/errors.js";
import { pipelineOf, wantedFile } from "../../shared/release.js";

/**
 * @typedef {import("../measure/answer.js").Answer} Answer
 * @typedef {import("../measure/contender.js").InputRecord} InputRecord
 * @typedef {{records: InputRecord[], outputs: Record<string, Answer>[]}} Golden
 */

/**
 * @param {import("./lineup.js").Ground} ground
 * @param {AbortSignal} signal
 * @returns {Promise<{records: InputRecord[], answers: Answer[]}>}
 */
export async function goldenCases({ release, base, pipeline }, signal) {
  const { golden, contract } = pipelineOf(release, pipeline);
  if (!golden)
    throw new ForeshoreError("artefact", `release ${release.id} holds no golden cases of ${pipeline}; build it anew`);
  const wanted = wantedFile(release, golden, base);
  const { records, outputs } = /** @type {Golden} */ (
    parseJson(await download(wanted, globalThis, { signal }), wanted.url, globalThis)
  );
  const images = contract.fields.filter(({ dtype }) => dtype === "image").map(({ name }) => name);
  return {
    records: records.map((record) => ({ ...record, ...withBytes(record, images) })),
    answers: outputs.map((output) => output[contract.outputs[0].name]),
  };
}

/**
 * Images as a page has them: JSON carries their bytes as text.
 *
 * @param {InputRecord} record
 * @param {readonly string[]} names
 * @returns {InputRecord}
 */
function withBytes(record, names) {
  return Object.fromEntries(
    names.map((name) => [name, { ...record[name], data: bytesOfBase64(record[name].data) ?? new Uint8Array() }]),
  );
}
