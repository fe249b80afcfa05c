/** A pipeline's recorded cases, which everybody must answer alike before anybody is timed. */

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
  return { records, answers: outputs.map((output) => output[contract.outputs[0].name]) };
}
