/** A folder of a release with tables of several times, each of which is loaded when it is first asked for. */

import { download, parseJson } from "./download.js";
import { ForeshoreError } from "./errors.js";
import { readTable } from "./table.js";

/**
 * @typedef {import("./platform.js").Platform} Platform
 * @typedef {import("./platform.js").Signal} Signal
 * @typedef {import("./release.js").Wanted} Wanted
 * @typedef {import("./table.js").Table} Table
 *
 * @typedef {object} Entry One table of the folder.
 * @property {string} table Its name.
 * @property {number} as_of_min Minutes since 1970-01-01 UTC.
 * @property {string} file
 * @property {string} [day] Of answers computed ahead: the day that they are for.
 */

const INDEX = "index.json";

/** Tables of a release's folder. */
export class Archive {
  /** @type {Map<string, Promise<any>>} */
  #loaded = new Map();
  #files;
  #platform;
  #signal;

  /**
   * @param {Record<string, Wanted>} files Of the folder, by name.
   * @param {Platform} platform
   * @param {Signal} [signal] Ends all downloads.
   */
  constructor(files, platform, signal) {
    this.#files = files;
    this.#platform = platform;
    this.#signal = signal;
  }

  /**
   * @returns {Promise<ReadonlyMap<string, Entry[]>>} Every table of the folder, by name.
   * @throws {ForeshoreError} "network", "artefact", "cancelled".
   */
  index() {
    return this.#once(INDEX, (bytes, url) => {
      const index = /** @type {{tables?: Entry[]} | null} */ (parseJson(bytes, url, this.#platform));
      if (Array.isArray(index?.tables)) return byName(index.tables);
      throw new ForeshoreError("artefact", `${url}: got no list of tables, expected one; publish the release anew`);
    });
  }

  /**
   * @param {string} file
   * @returns {Promise<Table>}
   * @throws {ForeshoreError} As `index`.
   */
  table(file) {
    return this.#once(file, (bytes, url) => readTable(bytes, url, this.#platform));
  }

  /**
   * What a file holds; a download that failed is begun anew when it is asked for again.
   *
   * @template T
   * @param {string} file
   * @param {(bytes: Uint8Array, url: string) => T} read
   * @returns {Promise<T>}
   */
  #once(file, read) {
    const started = this.#loaded.get(file) ?? this.#load(file, read);
    this.#loaded.set(file, started);
    started.catch(() => this.#loaded.delete(file));
    return started;
  }

  /**
   * @template T
   * @param {string} file
   * @param {(bytes: Uint8Array, url: string) => T} read
   */
  async #load(file, read) {
    const wanted = Object.hasOwn(this.#files, file) ? this.#files[file] : null;
    if (!wanted) throw new ForeshoreError("artefact", `${file}: not among the tables of the release; publish it anew`);
    return read(await download(wanted, this.#platform, { signal: this.#signal }), wanted.url);
  }
}

/** @param {readonly Entry[]} entries */
function byName(entries) {
  /** @type {Map<string, Entry[]>} */
  const groups = new Map();
  for (const entry of entries) groups.set(entry.table, [...(groups.get(entry.table) ?? []), entry]);
  return groups;
}

/**
 * The newest of tables that were there by some time.
 *
 * @param {readonly Entry[]} entries
 * @param {number | null} time_min Minutes since 1970-01-01 UTC; null: whenever.
 * @returns {Entry | null}
 */
export function newest(entries, time_min) {
  /** @type {Entry | null} */
  let best = null;
  for (const entry of entries) {
    const there = time_min === null || entry.as_of_min <= time_min;
    if (there && entry.as_of_min > (best?.as_of_min ?? Number.NEGATIVE_INFINITY)) best = entry;
  }
  return best;
}
