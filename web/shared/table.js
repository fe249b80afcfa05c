/** The feature store's files, as `foreshore.store` writes them: values by key, as of some time. */

import { parseJson } from "./download.js";
import { ForeshoreError } from "./errors.js";

/**
 * @typedef {import("./platform.js").Platform} Platform
 * @typedef {Record<string, number | null>} Values By column; null for NaN: missing.
 *
 * @typedef {object} Head The first line of a file.
 * @property {number} format
 * @property {string} table
 * @property {number} as_of_min
 * @property {string[]} key_fields
 * @property {(string | number)[][]} keys Every row's value, by key field.
 * @property {{name: string, default: number | null}[]} columns
 * @property {number} rows
 */

/** The files' format that this code reads. */
export const FORMAT = 1;

const VALUE_BYTES = 4;
const LINE_END = 10;

/** Values by key; made by `readTable`. */
export class Table {
  #head;
  #values;
  #rows;

  /**
   * @param {Head} head
   * @param {Float32Array} values Column after column.
   */
  constructor(head, values) {
    this.#head = head;
    this.#values = values;
    const keys = Array.from({ length: head.rows }, (_, row) => keyOf(head.keys.map((parts) => parts[row])));
    this.#rows = new Map(keys.map((key, row) => [key, row]));
  }

  get name() {
    return this.#head.table;
  }

  /** Minutes since 1970-01-01 UTC; nothing known later entered. */
  get as_of_min() {
    return this.#head.as_of_min;
  }

  get key_fields() {
    return this.#head.key_fields;
  }

  /**
   * Whether there is a row for a record's key.
   *
   * @param {Record<string, unknown>} record
   */
  has(record) {
    return this.#row(record) !== undefined;
  }

  /**
   * The values of a record's key; the defaults where the key is unknown, or a part of it missing.
   *
   * @param {Record<string, unknown>} record
   * @returns {Values}
   */
  lookup(record) {
    const names = this.#head.columns.map(({ name }) => name);
    const values = this.read(record, names);
    return Object.fromEntries(names.map((name, place) => [name, given(values[place])]));
  }

  /**
   * Some of those values; NaN for what is missing, or what the table has no column for.
   *
   * @param {Record<string, unknown>} record
   * @param {readonly string[]} names
   * @returns {number[]}
   */
  read(record, names) {
    const row = this.#row(record);
    const { columns, rows } = this.#head;
    return names.map((name) => {
      const place = columns.findIndex((column) => column.name === name);
      if (place < 0) return Number.NaN;
      return row === undefined ? rounded(columns[place].default) : this.#values[place * rows + row];
    });
  }

  /** @param {Record<string, unknown>} record */
  #row(record) {
    return this.#rows.get(keyOf(this.key_fields.map((name) => record[name])));
  }
}

/**
 * @param {Uint8Array} bytes A file; its hash was checked when it was downloaded.
 * @param {string} url For the message.
 * @param {Platform} platform
 * @returns {Table}
 * @throws {ForeshoreError} "artefact" where it is no table, of another format, or cut short.
 */
export function readTable(bytes, url, platform) {
  const end = bytes.indexOf(LINE_END);
  const head = /** @type {Partial<Head> | null} */ (parseJson(bytes.subarray(0, Math.max(end, 0)), url, platform));
  if (head?.format !== FORMAT) throw unreadable(url, `format ${head?.format}`, String(FORMAT));
  const whole = /** @type {Head} */ (head);
  const values = new Uint8Array(bytes.subarray(end + 1));
  const expected = whole.columns.length * whole.rows * VALUE_BYTES;
  if (values.length !== expected) throw unreadable(url, `${values.length} bytes of values`, String(expected));
  return new Table(whole, new Float32Array(values.buffer));
}

/**
 * @param {string} url
 * @param {string} got
 * @param {string} expected
 */
function unreadable(url, got, expected) {
  return new ForeshoreError("artefact", `${url}: got ${got}, expected ${expected}; publish the release anew`);
}

/** @param {unknown[]} parts Texts and integers; an absent one is no key's. */
function keyOf(parts) {
  return JSON.stringify(parts);
}

/** @param {number | null} value */
function rounded(value) {
  return value === null ? Number.NaN : Math.fround(value);
}

/** @param {number} value */
function given(value) {
  return Number.isNaN(value) ? null : value;
}
