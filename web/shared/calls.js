/** The asking side of the protocol: numbered requests over a port, and what becomes of them. */

import { cancelled, ForeshoreError } from "./errors.js";
import { unreachable } from "./protocol.js";

/**
 * @typedef {import("./platform.js").Signal} Signal
 * @typedef {import("./protocol.js").Request} Request
 * @typedef {import("./protocol.js").Results} Results
 * @typedef {import("./protocol.js").FromWorker} FromWorker
 * @typedef {import("./protocol.js").ToWorker} ToWorker
 * @typedef {import("./protocol.js").ProgressNotice} ProgressNotice
 * @typedef {import("./protocol.js").JobNotice} JobNotice
 *
 * @typedef {{postMessage(message: ToWorker, transfer: any[]): void}} Port
 * @typedef {{resolve(value: any): void, reject(error: ForeshoreError): void}} Pending
 */

/** Requests sent over one port. Feed what comes back into `receive`. */
export class Calls {
  /** @type {Map<number, Pending>} */
  #pending = new Map();
  /** @type {ForeshoreError | null} */
  #ended = null;
  #lastId = 0;
  #port;
  #onProgress;
  #onJob;
  #onFailure;

  /**
   * @param {Port} port
   * @param {object} [listeners]
   * @param {(notice: ProgressNotice) => void} [listeners.onProgress]
   * @param {(job: JobNotice["job"]) => void} [listeners.onJob]
   * @param {(error: ForeshoreError) => void} [listeners.onFailure] Told once, after all that waited was rejected.
   */
  constructor(port, { onProgress, onJob, onFailure } = {}) {
    this.#port = port;
    this.#onProgress = onProgress;
    this.#onJob = onJob;
    this.#onFailure = onFailure;
  }

  /**
   * Send a request.
   *
   * @template {Request} R
   * @param {R} request
   * @param {{signal?: Signal, transfer?: any[]}} [options] An abort rejects at once with "cancelled", and tells the
   *   other side, which drops the request where it has not begun.
   * @returns {Promise<Results[R["type"]]>}
   */
  call(request, { signal, transfer = [] } = {}) {
    if (this.#ended) return Promise.reject(this.#ended);
    if (signal?.aborted) return Promise.reject(cancelled(signal.reason));
    const id = ++this.#lastId;
    const stop = () => this.#cancel(id, signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    const answered = new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#port.postMessage({ ...request, id }, transfer);
    });
    return answered.finally(() => signal?.removeEventListener("abort", stop));
  }

  /** @param {FromWorker} message */
  receive(message) {
    switch (message.type) {
      case "answer":
        return this.#settle(message.id)?.resolve(message.value);
      case "error":
        return this.#settle(message.id)?.reject(ForeshoreError.fromJSON(message.error));
      case "progress":
        return this.#onProgress?.(message);
      case "job":
        return this.#onJob?.(message.job);
      case "failed":
        return this.fail(ForeshoreError.fromJSON(message.error));
      default:
        return unreachable(message);
    }
  }

  /**
   * The other side is gone: everything that waits, and everything asked from now on, is rejected with `error`.
   *
   * @param {ForeshoreError} error
   */
  fail(error) {
    if (this.#ended) return;
    this.#ended = error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#onFailure?.(error);
  }

  /** @param {number} id */
  #settle(id) {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  /**
   * @param {number} id
   * @param {unknown} reason
   */
  #cancel(id, reason) {
    this.#settle(id)?.reject(cancelled(reason));
    this.#port.postMessage({ type: "cancel", id }, []);
  }
}
