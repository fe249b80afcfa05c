/** Times that page and workers can compare. */

/** @typedef {import("../shared/protocol.js").Spans} Spans */

/** Milliseconds since the epoch, finer than `Date.now()`; workers of one page share the scale. */
export function now_ms() {
  return performance.timeOrigin + performance.now();
}

/**
 * @param {number} start_ms By `now_ms`.
 * @returns {import("../shared/protocol.js").Span} From then until now.
 */
export function spanSince(start_ms) {
  return { start_ms, end_ms: now_ms() };
}

/** Records when named things happened. */
export class Stopwatch {
  /** @type {Spans} */
  spans = {};
  #reporter;

  /** @param {import("./reporter.js").Reporter} reporter Told of each span that has ended well. */
  constructor(reporter) {
    this.#reporter = reporter;
  }

  /**
   * @template T
   * @param {string} name
   * @param {Promise<T>} work
   * @returns {Promise<T>}
   */
  async time(name, work) {
    const start_ms = now_ms();
    const result = await work;
    this.spans[name] = spanSince(start_ms);
    this.#reporter.done(name);
    return result;
  }
}
