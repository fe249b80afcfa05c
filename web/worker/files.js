/** The files that a worker downloads, and how far it is with them. */

import { download } from "../shared/download.js";

/**
 * @typedef {import("../shared/release.js").Wanted} Wanted
 * @typedef {(loaded_bytes: number, total_bytes: number) => void} OnBytes
 */

/** Downloads checked files, each once, and tells of the bytes of all together. */
export class Files {
  /** @type {Map<string, Promise<Uint8Array<ArrayBuffer>>>} */
  #started = new Map();
  /** @type {Map<string, number>} */
  #loaded = new Map();
  #total_bytes = 0;
  #platform;
  #onBytes;

  /**
   * @param {import("../shared/platform.js").Platform} platform
   * @param {OnBytes} onBytes
   */
  constructor(platform, onBytes) {
    this.#platform = platform;
    this.#onBytes = onBytes;
  }

  /**
   * The file's bytes; a file that is asked for again is not downloaded again.
   *
   * @param {Wanted} wanted
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  get(wanted) {
    const started = this.#started.get(wanted.url) ?? this.#start(wanted);
    this.#started.set(wanted.url, started);
    return started;
  }

  /**
   * Wait for everything that was started.
   *
   * @returns {Promise<unknown>}
   */
  all() {
    return Promise.all(this.#started.values());
  }

  /** Let go of the bytes, so that they can be freed. */
  forget() {
    this.#started.clear();
  }

  /** @param {Wanted} wanted */
  #start(wanted) {
    this.#total_bytes += wanted.size_bytes ?? 0;
    return download(wanted, this.#platform, {
      onBytes: (loaded_bytes) => {
        this.#loaded.set(wanted.url, loaded_bytes);
        this.#onBytes(this.#sum(), this.#total_bytes);
      },
    });
  }

  #sum() {
    return [...this.#loaded.values()].reduce((sum, loaded_bytes) => sum + loaded_bytes, 0);
  }
}
