/** Calls that may overlap and still take effect, and are answered, in the order in which they were made. */

import { Queue } from "./queue.js";

/**
 * Lets one call after the other send what it has to send, and holds answers back until those before are there. An error
 * holds nobody up, and is not held up.
 */
export class Turns {
  #sending = new Queue();
  /** @type {Promise<unknown>} */
  #answered = Promise.resolve();

  /**
   * @template T
   * @param {() => Promise<{answer: Promise<T>}>} send Resolved once all is sent that has to be before the next call's turn.
   * @returns {Promise<T>}
   */
  take(send) {
    const answer = this.#sending.add(send).then((sent) => sent.answer);
    const before = this.#answered;
    const ordered = answer.then((value) => before.then(() => value));
    this.#answered = ordered.catch(() => before);
    return ordered;
  }
}
