/** A variant in a worker of its own. */

import { hire } from "../../app/runtime/crew.js";
import { ForeshoreError } from "../../shared/errors.js";

/**
 * @typedef {import("../../shared/protocol.js").Memory} Memory
 * @typedef {import("../../shared/protocol.js").OpenVariant} OpenVariant
 * @typedef {import("../../shared/protocol.js").Tensors} Tensors
 * @typedef {import("../../shared/protocol.js").VariantRequest} VariantRequest
 *
 * @typedef {object} Turn How often a model runs in one turn.
 * @property {number} warm_ups Runs before the first sample, not counted.
 * @property {number} samples
 * @property {number} calls Runs a sample.
 *
 * @typedef {object} Session An open variant.
 * @property {number} runtime_start_ms What the runtime took to start without it.
 * @property {number} load_ms What the model took after that.
 * @property {{runtime: Memory, loaded: Memory}} memory Before and after the model came.
 * @property {(feeds: Tensors) => Promise<Tensors>} feed Runs once, and keeps the feeds for `time`.
 * @property {(turn: Turn) => Promise<number[]>} time Milliseconds a run, one for each sample.
 * @property {() => Promise<Memory>} weigh
 * @property {() => void} close
 */

/** A request that takes longer has hung. */
const LIMIT_MS = 300_000;

/**
 * @param {string} url Of the worker's script.
 * @param {OpenVariant} request
 * @param {AbortSignal} [signal] Ends the session's requests.
 * @returns {Promise<Session>}
 * @throws {ForeshoreError}
 */
export async function openSession(url, request, signal) {
  const { worker, calls } = hire(url, "foreshore-variant");
  const close = () => {
    worker.terminate();
    calls.fail(new ForeshoreError("closed", "the variant was closed"));
  };
  const ask = asking(calls, signal);
  try {
    const { threads, spans, memory } = await ask(request);
    if (threads !== request.threads) throw otherThreads(threads, request.threads);
    return {
      runtime_start_ms: duration(spans.runtime_start),
      load_ms: duration(spans.model_load),
      memory,
      feed: async (feeds) => (await ask({ type: "feed_variant", feeds })).outputs,
      time: async (turn) => (await ask({ type: "time_variant", ...turn })).samples_ms,
      weigh: () => ask({ type: "weigh_variant" }),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * @param {import("../../shared/calls.js").Calls} calls
 * @param {AbortSignal} [signal]
 */
function asking(calls, signal) {
  /**
   * @template {VariantRequest} R
   * @param {R} request
   * @returns {Promise<import("../../shared/protocol.js").Results[R["type"]]>}
   */
  return async (request) => {
    const limit = AbortSignal.timeout(LIMIT_MS);
    try {
      return await calls.call(request, { signal: signal ? AbortSignal.any([signal, limit]) : limit });
    } catch (error) {
      if (!limit.aborted || signal?.aborted) throw error;
      const advice = "measure smaller batches, or leave the model out";
      throw new ForeshoreError("model", `got no answer within ${LIMIT_MS / 1000} s; ${advice}`, { cause: error });
    }
  };
}

/** @param {import("../../shared/protocol.js").Span} span */
function duration({ start_ms, end_ms }) {
  return end_ms - start_ms;
}

/**
 * @param {number} got
 * @param {number} expected
 */
function otherThreads(got, expected) {
  const advice = "measure on an isolated page, or ask for one thread";
  return new ForeshoreError("unsupported", `got ${got} threads, expected ${expected}; ${advice}`);
}
