/** The bytes of a file, wherever they are asked for, read ahead in blocks. */

const BLOCK_BYTES = 8 * 2 ** 20;

/** Reads a file that may be larger than memory. */
export class Slices {
  #block = { start: 0, bytes: new Uint8Array(0) };
  #file;

  /** @param {Blob} file */
  constructor(file) {
    this.#file = file;
  }

  get size_bytes() {
    return this.#file.size;
  }

  /**
   * @param {number} start
   * @param {number} end Beyond the file's end there is nothing.
   * @returns {Promise<Uint8Array<ArrayBuffer>>} Not to be written to: others may be given the same bytes.
   */
  async bytes(start, end) {
    const last = Math.min(end, this.size_bytes);
    const { start: from, bytes } = this.#block;
    if (start < from || last > from + bytes.length) await this.#load(start, last);
    return this.#block.bytes.subarray(start - this.#block.start, last - this.#block.start);
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  async #load(start, end) {
    const part = this.#file.slice(start, Math.max(end, start + BLOCK_BYTES));
    this.#block = { start, bytes: new Uint8Array(await part.arrayBuffer()) };
  }
}
