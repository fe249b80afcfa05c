/** CSV files, a slice at a time, split into cells by Papa Parse. */

import Papa from "papaparse";
import { coded } from "../../shared/coded.js";
import { brief, problem } from "../../shared/encoding.js";
import { ForeshoreError } from "../../shared/errors.js";
import { bytesOf, decoded, encodingOf, wholeLines } from "./encodings.js";
import { Slices } from "./slices.js";

/**
 * @typedef {import("../../shared/errors.js").Problem} Problem
 * @typedef {import("./encodings.js").Encoding} Encoding
 * @typedef {import("./source.js").Part} Part
 * @typedef {import("./source.js").Place} Place
 * @typedef {import("./source.js").Source} Source
 *
 * @typedef {object} Form How a file is written.
 * @property {Encoding} encoding
 * @property {string} delimiter
 * @property {"\n" | "\r"} newline What ends lines; before "\n" a "\r" may stand.
 * @property {string[]} header
 * @property {number} start Where the first line after the header begins.
 *
 * @typedef {readonly [got: string, expected: string]} Wrong
 *
 * @typedef {object} Split Whole records of a slice.
 * @property {string[][]} records
 * @property {Map<number, Wrong>} wrong What is wrong with quotes, by the place of the record.
 * @property {number} bytes That they take in the file.
 */

const DELIMITERS = [",", ";", "\t", "|"];
const HEAD_BYTES = 2 ** 20;
const LEAST_BYTES = 2 ** 16;
const MOST_BYTES = 2 ** 22;
/** A record that is not over after so many bytes has a quote that is never closed. */
const LONGEST_RECORD_BYTES = 2 ** 24;
/** @type {Wrong} */
const UNCLOSED = ["a quote that is never closed", "one around each quoted cell"];
/** @type {Wrong} */
const MISPLACED = ["a quote inside a quoted cell", "it doubled"];
const CARRIAGE_RETURN = 13;

/** @implements {Source} */
export class CsvSource {
  format = /** @type {const} */ ("csv");
  rows = null;
  #slices;
  #name;
  #form;

  /**
   * @param {Slices} slices
   * @param {string} name
   * @param {Form} form
   */
  constructor(slices, name, form) {
    this.#slices = slices;
    this.#name = name;
    this.#form = form;
    this.columns = form.header.map((column) => ({ name: column, kind: /** @type {const} */ ("text") }));
    this.start = { offset: form.start, record: 0 };
  }

  /**
   * @param {Blob} file
   * @param {string} name
   * @returns {Promise<CsvSource>}
   * @throws {ForeshoreError} "validation" where it is no such file.
   */
  static async open(file, name) {
    const slices = new Slices(file);
    return new CsvSource(slices, name, formOf(await slices.bytes(0, HEAD_BYTES), slices.size_bytes, name));
  }

  /**
   * Look whether all of the file is text, so that no job ends at a byte that is none.
   *
   * @throws {ForeshoreError} "validation"
   */
  async check() {
    const { encoding, newline } = this.#form;
    for (let offset = this.start.offset; offset < this.#slices.size_bytes; ) {
      const slice = await this.#slices.bytes(offset, offset + MOST_BYTES);
      const last = offset + slice.length >= this.#slices.size_bytes;
      const lines = last ? slice.length : wholeLines(slice, encoding, newline.charCodeAt(0));
      if (!lines) return; // a line that is longer than the slice is left to whoever reads it
      decoded(slice.subarray(0, lines), encoding, { name: this.#name, offset });
      offset += lines;
    }
  }

  /**
   * @param {Place} place
   * @returns {number} 0 to 1.
   */
  fraction({ offset }) {
    return this.#slices.size_bytes ? offset / this.#slices.size_bytes : 1;
  }

  /**
   * @param {Place} place
   * @param {readonly string[]} columns
   * @param {number} rows About so many; a slice holds some more or less.
   * @returns {Promise<Part>}
   */
  async read(place, columns, rows) {
    const split = await this.#split(place, rows);
    const offset = place.offset + split.bytes;
    const places = columns.map((name) => this.#form.header.indexOf(name));
    const part = partOf(split, places, this.#form.header.length, place.record);
    return { ...part, next: { offset, record: part.record }, done: offset >= this.#slices.size_bytes };
  }

  /**
   * @param {Place} place
   * @param {number} rows
   * @returns {Promise<Split>}
   */
  async #split({ offset, record }, rows) {
    const { size_bytes } = this.#slices;
    for (let bytes = this.#sliceBytes({ offset, record }, rows); ; bytes *= 2) {
      const slice = await this.#slices.bytes(offset, offset + bytes);
      const last = offset + slice.length >= size_bytes;
      const split = this.#parse(slice, offset, last);
      if (split.records.length || last) return split;
      if (bytes >= LONGEST_RECORD_BYTES) return unclosed(size_bytes - offset);
    }
  }

  /**
   * As many bytes as so many rows took so far.
   *
   * @param {Place} place
   * @param {number} rows
   */
  #sliceBytes({ offset, record }, rows) {
    if (record === 0) return LEAST_BYTES;
    const each_bytes = (offset - this.#form.start) / record;
    return Math.round(Math.min(MOST_BYTES, Math.max(LEAST_BYTES, each_bytes * rows)));
  }

  /**
   * @param {Uint8Array} slice
   * @param {number} offset
   * @param {boolean} last Whether the file ends with it.
   * @returns {Split}
   */
  #parse(slice, offset, last) {
    const { encoding, delimiter, newline } = this.#form;
    const whole = last ? slice : slice.subarray(0, wholeLines(slice, encoding, newline.charCodeAt(0)));
    const text = decoded(whole, encoding, { name: this.#name, offset });
    const { data, errors, meta } = parsed(text, delimiter, newline, !last);
    const broken = errors.find(({ code }) => code === "InvalidQuotes");
    if (broken) return upTo(broken, data, text, this.#form);
    const bytes = last ? whole.length : whole.length - bytesOf(text.slice(meta.cursor), encoding);
    const unclosed = errors.filter(({ code }) => code === "MissingQuotes").map(({ row }) => Number(row));
    return { records: data, wrong: new Map(unclosed.map((row) => [row, UNCLOSED])), bytes };
  }
}

/**
 * @param {number} bytes
 * @returns {Split} One record.
 */
function unclosed(bytes) {
  return { records: [[""]], wrong: new Map([[0, UNCLOSED]]), bytes };
}

/**
 * The records before a quote that stands where none may, and the line that it stands in: what follows is read anew, lest it
 * become part of that cell.
 *
 * @param {import("papaparse").ParseError} broken
 * @param {readonly string[][]} data
 * @param {string} text
 * @param {Form} form
 * @returns {Split}
 */
function upTo({ row = 0, index = 1 }, data, text, { newline, encoding }) {
  const start = index < 2 ? 0 : text.lastIndexOf(newline, index - 2) + 1;
  const end = text.indexOf(newline, start) + 1 || text.length;
  const records = [...data.slice(0, row), [""]];
  return { records, wrong: new Map([[row, MISPLACED]]), bytes: bytesOf(text.slice(0, end), encoding) };
}

/**
 * @param {string} text
 * @param {string} delimiter
 * @param {"\n" | "\r"} newline
 * @param {boolean} more Whether the last record may lack its end.
 * @returns {import("papaparse").ParseResult<string[]>}
 */
function parsed(text, delimiter, newline, more) {
  return new Papa.Parser({ delimiter, newline }).parse(text, 0, more);
}

/**
 * @param {Split} split
 * @param {readonly number[]} places Of the columns that are wanted.
 * @param {number} width Cells of a whole record.
 * @param {number} record Records before.
 * @returns {Pick<Part, "rows" | "columns" | "problems"> & {record: number}}
 */
function partOf({ records, wrong }, places, width, record) {
  /** @type {Problem[]} */
  const problems = [];
  const whole = /** @type {string[][]} */ ([]);
  const rows = new Uint32Array(records.length);
  let row = record;
  for (const [place, cells] of records.entries()) {
    const reason = wrong.get(place) ?? widthProblem(cells, width);
    if (!reason && isBlank(cells)) continue;
    row += 1;
    if (reason) problems.push(problem(row, "", ...reason));
    else rows[whole.push(cells) - 1] = row;
  }
  const columns = places.map((place) => coded(whole.length, (each) => whole[each][place]));
  return { rows: rows.slice(0, whole.length), columns, problems, record: row };
}

/**
 * @param {string[]} cells Lose the "\r" of their line.
 * @param {number} width
 * @returns {Wrong | null}
 */
function widthProblem(cells, width) {
  trimReturn(cells);
  if (cells.length === width || isBlank(cells)) return null;
  return [`${cells.length} ${cells.length === 1 ? "cell" : "cells"}`, String(width)];
}

/** @param {readonly string[]} cells */
function isBlank(cells) {
  return cells.length === 1 && cells[0] === "";
}

/** @param {string[]} cells Lose the "\r" that belongs to the end of their line. */
function trimReturn(cells) {
  const place = cells.length - 1;
  const last = cells[place];
  if (last.charCodeAt(last.length - 1) === CARRIAGE_RETURN) cells[place] = last.slice(0, -1);
}

/**
 * @param {Uint8Array} head
 * @param {number} size_bytes Of the whole file.
 * @param {string} name
 * @returns {Form}
 */
function formOf(head, size_bytes, name) {
  const encoding = encodingOf(head);
  const last = head.length >= size_bytes;
  const body = head.subarray(encoding.start);
  const newline = lineEnd(body, encoding);
  const whole = last ? body : body.subarray(0, wholeLines(body, encoding, newline.charCodeAt(0)));
  const text = decoded(whole, encoding, { name, offset: encoding.start });
  const skipped = /^[\r\n]*/.exec(text)?.[0].length ?? 0;
  if (skipped === text.length) throw noHeader(name, size_bytes > encoding.start);
  const line = text.slice(skipped);
  const delimiter = delimiterOf(line, newline);
  const [header, length] = headerOf(line, delimiter, newline, name);
  const start = encoding.start + bytesOf(text.slice(0, skipped + length), encoding);
  return { encoding, delimiter, newline, header, start };
}

/**
 * @param {Uint8Array} bytes
 * @param {Encoding} encoding
 * @returns {"\n" | "\r"}
 */
function lineEnd(bytes, encoding) {
  return wholeLines(bytes, encoding, 10) || !wholeLines(bytes, encoding, CARRIAGE_RETURN) ? "\n" : "\r";
}

/**
 * @param {string} text From the header on.
 * @param {string} newline
 * @returns {string} Of the delimiters the one that stands most often in the header, outside quotes.
 */
function delimiterOf(text, newline) {
  const counts = new Map(DELIMITERS.map((delimiter) => [delimiter, 0]));
  let quoted = false;
  for (const character of text) {
    if (character === newline && !quoted) break;
    if (character === '"') quoted = !quoted;
    else if (!quoted && counts.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  return DELIMITERS.reduce((best, each) => ((counts.get(each) ?? 0) > (counts.get(best) ?? 0) ? each : best));
}

/**
 * @param {string} text From the header on.
 * @param {string} delimiter
 * @param {"\n" | "\r"} newline
 * @param {string} name
 * @returns {[header: string[], length: number]}
 */
function headerOf(text, delimiter, newline, name) {
  const ended = text.endsWith(newline) ? text : text + newline;
  /** @type {string[] | null} */
  let header = null;
  let length = 0;
  const parser = new Papa.Parser({
    ...{ delimiter, newline },
    step: ({ data, meta }) => {
      header ??= /** @type {any} */ (data)[0];
      length ||= meta.cursor;
      parser.abort();
    },
  });
  parser.parse(ended, 0, true);
  if (header === null) throw fileError(name, UNCLOSED[0], `${UNCLOSED[1]} of the header`);
  trimReturn(header);
  checkNames(header, name);
  return [header, Math.min(length, text.length)];
}

/**
 * @param {readonly string[]} header
 * @param {string} name
 */
export function checkNames(header, name) {
  const twice = header.find((column, place) => header.indexOf(column) !== place);
  if (twice === undefined) return;
  throw fileError(name, `two columns ${brief(twice)}`, "each name once; rename one of them");
}

/**
 * @param {string} name
 * @param {boolean} blank
 */
function noHeader(name, blank) {
  return fileError(name, blank ? "nothing but blank lines" : "an empty file", "a header line and a line a record");
}

/**
 * @param {string} name
 * @param {string} got
 * @param {string} expected
 */
export function fileError(name, got, expected) {
  return new ForeshoreError("validation", `${name}: got ${got}, expected ${expected}`);
}
