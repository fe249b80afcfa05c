/** Tasks one after another. */

/** Runs each task after the one before it has ended, well or badly: a rejected task is its caller's affair alone. */
export class Queue {
  /** @type {Promise<unknown>} */
  #tail = Promise.resolve();

  /**
   * @template T
   * @param {() => Promise<T>} task
   * @returns {Promise<T>}
   */
  add(task) {
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => {});
    return result;
  }
}
