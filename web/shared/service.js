/**
 * The answering side of the protocol: requests in their order, each answered once. After a breakdown the port is told that
 * nothing will be answered any more.
 */

import { asForeshoreError, Breakdown, cancelled } from "./errors.js";
import { Queue } from "./queue.js";

/**
 * @typedef {import("./platform.js").Signal} Signal
 * @typedef {import("./protocol.js").FromWorker} FromWorker
 * @typedef {import("./protocol.js").ToWorker} ToWorker
 * @typedef {import("./protocol.js").Numbered} Numbered
 *
 * @typedef {{postMessage(message: FromWorker, transfer: any[]): void}} Port
 * @typedef {{value: object, transfer?: any[]}} Reply
 */

/**
 * Answers requests with a handler, one at a time. Several ports may share one service.
 *
 * @template {Numbered} R
 */
export class Service {
  #queue = new Queue();
  #handle;

  /** @param {(request: R, port: Port) => Promise<Reply>} handle Its errors become the answer. */
  constructor(handle) {
    this.#handle = handle;
  }

  /**
   * What a port has to call with each message.
   *
   * @param {Port} port Where answers go.
   * @returns {(message: ToWorker) => void}
   */
  listener(port) {
    /** @type {Set<number>} */
    const waiting = new Set();
    return (message) => {
      if (message.type === "cancel") {
        waiting.delete(message.id);
        return;
      }
      waiting.add(message.id);
      this.#queue.add(async () => {
        await this.#answer(/** @type {R} */ (message), port, waiting.delete(message.id));
      });
    };
  }

  /**
   * @param {R} request
   * @param {Port} port
   * @param {boolean} wanted
   */
  async #answer(request, port, wanted) {
    try {
      if (!wanted) throw cancelled();
      const { value, transfer = [] } = await this.#handle(request, port);
      port.postMessage({ type: "answer", id: request.id, value }, transfer);
    } catch (thrown) {
      const error = asForeshoreError(thrown).toJSON();
      if (thrown instanceof Breakdown) port.postMessage({ type: "failed", error }, []);
      else port.postMessage({ type: "error", id: request.id, error }, []);
    }
  }
}
