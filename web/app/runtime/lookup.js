/** Answers that the site's server may have computed ahead. */

import { asForeshoreError, cancelled, ForeshoreError } from "../../shared/errors.js";
import { neither, saysUnable } from "./policy.js";
import { invalid } from "./support.js";

/**
 * @typedef {import("./cloud.js").Cloud} Cloud
 * @typedef {import("./cloud.js").Looked} Looked
 * @typedef {import("./context.js").Context} Context
 * @typedef {import("./context.js").Filled} Filled
 * @typedef {import("./engines.js").Engine} Engine
 *
 * @typedef {object} Ahead Whether an answer was computed ahead.
 * @property {boolean} precomputed
 * @property {string} as_of When it was computed, in UTC, as "2013-10-05T05:00:00.000Z".
 * @property {number} age_s How long ago; 0 where it was not ahead.
 *
 * @typedef {object} Server
 * @property {Cloud} cloud
 * @property {Engine} device Which answers without it.
 *
 * @typedef {object} Asked
 * @property {readonly unknown[]} records One.
 * @property {number | undefined} max_age_s
 * @property {AbortSignal} [signal]
 *
 * @typedef {Pick<Looked, "outputs"> & Ahead & {by?: Partial<import("./predictor.js").About>}} Found
 * @typedef {(filled: Filled) => ReturnType<Engine["answers"]>} OnDevice
 */

/**
 * @param {unknown} max_age_s
 * @returns {number | undefined}
 */
export function checkedAge(max_age_s) {
  if (max_age_s === undefined) return undefined;
  if (typeof max_age_s === "number" && max_age_s >= 0 && Number.isFinite(max_age_s)) return max_age_s;
  throw invalid("max_age_s", max_age_s, "seconds, 0 or more");
}

/**
 * The server is waited for within the call's turn: if it is the device that has to answer, it answers with what it knew then.
 *
 * @param {Cloud} cloud
 * @param {Pick<Context, "fill" | "isTold">} context
 * @param {Asked} asked
 * @param {boolean} insist Whether to ask a server that rests, since there is no device.
 * @param {OnDevice} onDevice
 * @returns {Promise<{answer: Promise<Found>}>}
 */
export async function lookedUp(cloud, context, { records, max_age_s, signal }, insist, onDevice) {
  const sent = context.isTold ? (await context.fill(records, 0, signal)).records : records;
  cloud.check(sent, 0);
  const asks = insist || !cloud.rests;
  const found = asks ? await cloud.lookup(sent[0], max_age_s, signal).catch(asForeshoreError) : null;
  if (signal?.aborted) throw cancelled(signal.reason);
  if (found && !(found instanceof ForeshoreError)) return { answer: Promise.resolve(found) };
  return { answer: answeredNow(onDevice(await context.fill(sent, 0, signal)), found) };
}

/**
 * @param {ReturnType<Engine["answers"]>} answered
 * @param {ForeshoreError | null} reason The server's; null where it was not asked.
 * @returns {Promise<Found>}
 */
async function answeredNow(answered, reason) {
  try {
    const { outputs, by } = await answered;
    return { outputs: outputs[0], by, precomputed: false, as_of: new Date().toISOString(), age_s: 0 };
  } catch (error) {
    const failure = asForeshoreError(error);
    throw reason && saysUnable(failure) ? neither(failure, reason) : failure;
  }
}
