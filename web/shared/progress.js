/** One aggregate progress out of bytes and phases. */

/**
 * @typedef {object} ProgressDetail
 * @property {string} phase The part that moved last.
 * @property {number} loaded_bytes Of all downloads known so far.
 * @property {number} total_bytes
 *
 * @typedef {(fraction: number, detail: ProgressDetail) => void} OnProgress Fraction: 0 to 1, never falling.
 */

/**
 * Adds up parts of known weight. A part that downloads moves with its bytes, any other is done or not.
 */
export class Progress {
  /** @type {Map<string, {fraction: number, loaded_bytes: number, total_bytes: number}>} */
  #parts = new Map();
  #fraction = 0;
  #phase = "";
  #weights;
  #onProgress;

  /**
   * @param {Record<string, number>} weights Part to weight; any positive numbers.
   * @param {OnProgress} [onProgress]
   */
  constructor(weights, onProgress) {
    this.#weights = { ...weights };
    this.#onProgress = onProgress;
  }

  /** 0 to 1. */
  get fraction() {
    return this.#fraction;
  }

  /**
   * Leave out parts that turn out not to be needed.
   *
   * @param {readonly string[]} parts
   */
  drop(parts) {
    for (const part of parts) delete this.#weights[part];
  }

  /** @param {import("./protocol.js").ProgressNotice} notice */
  take({ part, loaded_bytes, total_bytes, done }) {
    if (done) this.done(part);
    else this.downloaded(part, loaded_bytes, total_bytes);
  }

  /**
   * @param {string} part
   * @param {number} loaded_bytes
   * @param {number} total_bytes May grow while more files become known; the fraction waits then.
   */
  downloaded(part, loaded_bytes, total_bytes) {
    const fraction = total_bytes > 0 ? Math.min(1, loaded_bytes / total_bytes) : 0;
    this.#parts.set(part, { fraction, loaded_bytes, total_bytes });
    this.#tell(part);
  }

  /** @param {string} part */
  done(part) {
    const bytes = this.#parts.get(part)?.total_bytes ?? 0;
    this.#parts.set(part, { fraction: 1, loaded_bytes: bytes, total_bytes: bytes });
    this.#tell(part);
  }

  /** All that is needed is there, whatever else may still come: that is told, unless it was, and nothing is from then on. */
  finish() {
    this.#weights = {};
    if (this.#fraction < 1) this.#tell(this.#phase);
    this.#onProgress = undefined;
  }

  /** @param {string} phase */
  #tell(phase) {
    this.#phase = phase;
    this.#fraction = Math.max(this.#fraction, this.#sum());
    const parts = [...this.#parts.values()];
    const loaded_bytes = parts.reduce((sum, part) => sum + part.loaded_bytes, 0);
    const total_bytes = parts.reduce((sum, part) => sum + part.total_bytes, 0);
    this.#onProgress?.(this.#fraction, { phase, loaded_bytes, total_bytes });
  }

  #sum() {
    const weights = Object.entries(this.#weights);
    const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
    const done = weights.reduce((sum, [part, weight]) => sum + weight * (this.#parts.get(part)?.fraction ?? 0), 0);
    // The parts of a sum of floats may miss the whole by an ulp; done is done.
    return weights.every(([part]) => this.#parts.get(part)?.fraction === 1) ? 1 : done / total;
  }
}
