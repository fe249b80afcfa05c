/** Parquet files, read by hyparquet: some rows of the wanted columns at a time. */

import { parquetMetadataAsync, parquetScan } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { dateText, momentText, timeText } from "../../shared/cells.js";
import { changed, coded } from "../../shared/coded.js";
import { ForeshoreError } from "../../shared/errors.js";
import { checkNames, fileError } from "./csv.js";

/**
 * @typedef {import("hyparquet").FileMetaData} FileMetaData
 * @typedef {import("hyparquet").SchemaElement} SchemaElement
 * @typedef {import("../../shared/coded.js").Coded} Coded
 * @typedef {import("./source.js").Column} Column
 * @typedef {import("./source.js").Kind} Kind
 * @typedef {import("./source.js").Part} Part
 * @typedef {import("./source.js").Place} Place
 * @typedef {import("./source.js").Source} Source
 *
 * @typedef {(value: unknown) => unknown} Change
 * @typedef {{start: number, end: number, columns: Map<string, ArrayLike<unknown>>}} Section Rows that are decoded.
 */

const MAGIC = [0x50, 0x41, 0x52, 0x31];
/** Rows that are decoded at once: whole pages have to be, so that fewer would be decoded over and over. */
const SECTION_ROWS = 65_536;

/** Dates become texts, moments microseconds; JSON stays text, and what has no type of its own bytes. */
const PARSERS = {
  dateFromDays: dateText,
  timestampFromMilliseconds: (/** @type {bigint} */ value) => BigInt(value) * 1000n,
  timestampFromMicroseconds: BigInt,
  timestampFromNanoseconds: (/** @type {bigint} */ value) => BigInt(value) / 1000n,
  jsonFromBytes: (/** @type {Uint8Array} */ bytes) => new TextDecoder().decode(bytes),
};

/** @type {Partial<Record<string, Kind>>} */
const KINDS = { BOOLEAN: "boolean", INT32: "int32", INT64: "int64", FLOAT: "float", DOUBLE: "double" };

/** @param {Uint8Array} head */
export function startsAsParquet(head) {
  return MAGIC.every((byte, place) => head[place] === byte);
}

/** @implements {Source} */
export class ParquetSource {
  format = /** @type {const} */ ("parquet");
  start = { offset: 0, record: 0 };
  #scan;
  #name;
  #elements;
  /** @type {Section} */
  #section = { start: 0, end: 0, columns: new Map() };

  /**
   * @param {import("hyparquet").ParquetScan} scan
   * @param {string} name
   * @param {readonly Top[]} tops
   */
  constructor(scan, name, tops) {
    this.#scan = scan;
    this.#name = name;
    this.#elements = new Map(tops.map((top) => [top.element.name, top]));
    this.columns = tops.map((top) => ({ name: top.element.name, kind: kindOf(top) }));
    this.rows = Number(scan.metadata.num_rows);
  }

  /**
   * @param {Blob} file
   * @param {string} name
   * @returns {Promise<ParquetSource>}
   * @throws {ForeshoreError} "validation" where it is no whole Parquet file.
   */
  static async open(file, name) {
    const buffer = {
      byteLength: file.size,
      slice: (/** @type {number} */ start, /** @type {number} */ end = file.size) =>
        file.slice(start, end).arrayBuffer(),
    };
    try {
      const metadata = await parquetMetadataAsync(buffer, { parsers: PARSERS, geoparquet: false });
      const counted = metadata.row_groups.reduce((sum, { num_rows }) => sum + num_rows, 0n);
      if (counted !== metadata.num_rows)
        throw new Error(`it says ${metadata.num_rows} rows, and has groups of ${counted}`);
      const tops = topLevel(metadata.schema);
      checkNames(
        tops.map(({ element }) => element.name),
        name,
      );
      const options = { file: buffer, metadata, compressors, parsers: PARSERS, utf8: false, geoparquet: false };
      return new ParquetSource(await parquetScan(options), name, tops);
    } catch (error) {
      throw unreadable(name, error);
    }
  }

  /** Nothing to look for: a page that is damaged can't be read, and says so. */
  async check() {}

  /**
   * @param {Place} place
   * @returns {number} 0 to 1.
   */
  fraction({ offset }) {
    return this.rows ? offset / this.rows : 1;
  }

  /**
   * @param {Place} place
   * @param {readonly string[]} columns
   * @param {number} rows
   * @returns {Promise<Part>}
   */
  async read({ offset }, columns, rows) {
    const section = await this.#sectionAt(offset, columns);
    const end = Math.min(section.end, offset + rows);
    const parts = columns.map((name) => this.#column(name, section, offset, end));
    return {
      rows: Uint32Array.from({ length: end - offset }, (_, place) => offset + place + 1),
      ...{ columns: parts, problems: [], next: { offset: end, record: end }, done: end >= this.rows },
    };
  }

  /**
   * @param {string} name
   * @param {Section} section
   * @param {number} start
   * @param {number} end
   * @returns {Coded}
   */
  #column(name, section, start, end) {
    const data = section.columns.get(name) ?? [];
    const column = coded(end - start, (row) => data[start - section.start + row] ?? null);
    const top = this.#elements.get(name);
    const change = top ? changeOf(top) : null;
    return change ? changed(column, (value) => (value === null ? null : change(value))) : column;
  }

  /**
   * @param {number} row
   * @param {readonly string[]} names
   * @returns {Promise<Section>}
   */
  async #sectionAt(row, names) {
    const held = this.#section;
    if (row >= held.start && row < held.end && names.every((name) => held.columns.has(name))) return held;
    const range = this.#scan.ranges.find(({ rowStart, rowEnd }) => rowStart <= row && row < rowEnd);
    if (!range) return { start: row, end: row, columns: new Map() };
    const span = { rowStart: row, rowEnd: Math.min(range.rowEnd, row + SECTION_ROWS) };
    try {
      const read = names.map(async (column) => [column, await this.#scan.readColumn({ column, ...span })]);
      const columns = new Map(/** @type {[string, ArrayLike<unknown>][]} */ (await Promise.all(read)));
      this.#section = { start: span.rowStart, end: span.rowEnd, columns };
      return this.#section;
    } catch (error) {
      throw unreadable(this.#name, error);
    }
  }
}

/**
 * @typedef {{element: SchemaElement, nested: boolean}} Top A column of the table.
 *
 * @param {readonly SchemaElement[]} schema As the file has it: depth first.
 * @returns {Top[]}
 */
function topLevel(schema) {
  /** @type {Top[]} */
  const tops = [];
  for (let place = 1; place < schema.length; place = afterTree(schema, place)) {
    const element = schema[place];
    tops.push({ element, nested: Boolean(element.num_children) || element.repetition_type === "REPEATED" });
  }
  return tops;
}

/**
 * @param {readonly SchemaElement[]} schema
 * @param {number} place
 * @returns {number}
 */
function afterTree(schema, place) {
  let next = place + 1;
  for (let child = 0; child < (schema[place].num_children ?? 0); child++) next = afterTree(schema, next);
  return next;
}

/**
 * @param {Top} top
 * @returns {Kind}
 */
function kindOf(top) {
  const { element, nested } = top;
  const { type, converted_type: converted, logical_type: logical } = element;
  if (nested) return "other";
  if (changeOf(top) || converted === "UTF8" || converted === "ENUM" || converted === "JSON" || converted === "DATE")
    return "text";
  if (logical?.type === "STRING" || logical?.type === "UUID" || logical?.type === "ENUM") return "text";
  if (converted === "UINT_64" || isLongUnsigned(logical)) return "text"; // no other kind holds all of them
  if (converted === "DECIMAL" || logical?.type === "FLOAT16" || converted?.startsWith("UINT")) return "double";
  return KINDS[type ?? ""] ?? "other";
}

/** @param {import("hyparquet").LogicalType | undefined} logical */
function isLongUnsigned(logical) {
  return logical?.type === "INTEGER" && logical.bitWidth === 64 && !logical.isSigned;
}

/**
 * What turns a column's values into what its cells are read from; null where they are that already.
 *
 * @param {Top} top
 * @returns {Change | null}
 */
function changeOf({ element, nested }) {
  if (nested) return null;
  const { type, converted_type: converted, logical_type: logical } = element;
  if (logical?.type === "TIMESTAMP") return moment(logical.isAdjustedToUTC);
  if (converted === "TIMESTAMP_MILLIS" || converted === "TIMESTAMP_MICROS") return moment(true);
  if (type === "INT96") return moment(false);
  if (logical?.type === "TIME") return time(UNITS_US[logical.unit]);
  if (converted === "TIME_MILLIS") return time(UNITS_US.MILLIS);
  if (converted === "TIME_MICROS") return time(UNITS_US.MICROS);
  if (converted === "ENUM" || logical?.type === "ENUM")
    return (value) => new TextDecoder().decode(/** @type {any} */ (value));
  return null;
}

/** How a unit becomes microseconds: times the first, by the second. @type {Record<string, [bigint, bigint]>} */
const UNITS_US = { MILLIS: [1000n, 1n], MICROS: [1n, 1n], NANOS: [1n, 1000n] };

/**
 * @param {[bigint, bigint]} unit
 * @returns {Change}
 */
function time([times, by]) {
  return (value) => timeText((BigInt(/** @type {any} */ (value)) * times) / by);
}

/**
 * @param {boolean} isUTC
 * @returns {Change}
 */
function moment(isUTC) {
  return (value) => momentText(/** @type {bigint} */ (value), isUTC);
}

/**
 * @param {string} name
 * @param {unknown} error
 */
function unreadable(name, error) {
  if (error instanceof ForeshoreError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return fileError(name, `a Parquet file that can't be read (${reason})`, "a whole one; write it anew");
}
