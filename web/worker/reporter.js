/** Tells the page how far a worker is. */

/** Sends progress notices over one port. */
export class Reporter {
  #port;

  /** @param {import("../shared/service.js").Port} port */
  constructor(port) {
    this.#port = port;
  }

  /**
   * @param {string} part
   * @param {number} loaded_bytes
   * @param {number} total_bytes
   */
  downloaded(part, loaded_bytes, total_bytes) {
    this.#port.postMessage({ type: "progress", part, loaded_bytes, total_bytes, done: false }, []);
  }

  /** @param {string} part */
  done(part) {
    this.#port.postMessage({ type: "progress", part, loaded_bytes: 0, total_bytes: 0, done: true }, []);
  }
}
