/** CSV files, a slice at a time, split into cells by Papa Parse. */

import Papa from "papaparse";
import { coded } from "../../shared/coded.js";
import { brief, problem } from "../../shared/encoding.js";
import { ForeshoreError } from "../../shared/errors.js";
import { bytesOf, decoded, encodingOf, wholeCharacters, wholeLines } from "./encodings.js";
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
 * @property {number} line_bytes What a line takes, about.
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
const LINE_END = "\n";
const QUOTED_EMPTY = /(?:^|[\r\n])""(?:[\r\n]|$)/;
/** What a text has whose lines don't all end in "\r\n". */
const MIXED_ENDS = /\r(?!\n)|(?<!\r)\n/;

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
    const { encoding } = this.#form;
    for (let offset = this.start.offset; offset < this.#slices.size_bytes; ) {
      const slice = await this.#slices.bytes(offset, offset + MOST_BYTES);
      const last = offset + slice.length >= this.#slices.size_bytes;
      const whole = last ? slice.length : wholeCharacters(slice, encoding);
      decoded(slice.subarray(0, whole), encoding, { name: this.#name, offset });
      offset += whole;
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
      if (split.bytes || last) return split;
      if (bytes >= LONGEST_RECORD_BYTES) return unclosed(size_bytes - offset);
    }
  }

  /**
   * As many bytes as so many rows took so far, or lines at the file's beginning.
   *
   * @param {Place} place
   * @param {number} rows
   */
  #sliceBytes({ offset, record }, rows) {
    const { start, line_bytes } = this.#form;
    const each_bytes = record === 0 ? line_bytes : (offset - start) / record;
    return Math.round(Math.min(MOST_BYTES, Math.max(LEAST_BYTES, each_bytes * rows)));
  }

  /**
   * @param {Uint8Array} slice
   * @param {number} offset
   * @param {boolean} last Whether the file ends with it.
   * @returns {Split}
   */
  #parse(slice, offset, last) {
    const { encoding, delimiter } = this.#form;
    const whole = last ? slice : slice.subarray(0, wholeLines(slice, encoding));
    const given = decoded(whole, encoding, { name: this.#name, offset });
    const newline = MIXED_ENDS.test(given) ? LINE_END : "\r\n";
    const text = newline === LINE_END ? withLineFeeds(given, delimiter) : given;
    const { records, wrong, end } = parsed(text, delimiter, newline, !last);
    return { records, wrong, bytes: whole.length - bytesOf(text.slice(end), encoding) };
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
 * A text in which line feeds alone end lines. Carriage returns within quotes stay, and nothing moves: "\r\n" becomes the end of a line
 * and a blank one.
 *
 * @param {string} text
 * @param {string} delimiter
 */
function withLineFeeds(text, delimiter) {
  if (!text.includes("\r")) return text;
  if (!text.includes('"')) return text.replaceAll("\r", LINE_END);
  const quotedOrReturn = new RegExp(`(?<![^${delimiter}\\r\\n])"[^"]*(?:""[^"]*)*"?|\\r`, "g");
  return text.replace(quotedOrReturn, (found) => (found === "\r" ? LINE_END : found));
}

/**
 * The records of a text, blank lines left out. They end with a quote that stands where none may, and the line that it stands in: what
 * follows is to be read anew, lest it become part of that cell.
 *
 * @param {string} text
 * @param {string} delimiter
 * @param {"\n" | "\r\n"} newline The only one outside quotes.
 * @param {boolean} more Whether the last record may lack its end.
 * @returns {Pick<Split, "records" | "wrong"> & {end: number}} And where in the text they end.
 */
function parsed(text, delimiter, newline, more) {
  /** @type {import("papaparse").ParseResult<string[]>} */
  const { data, errors, meta } = new Papa.Parser({ delimiter, newline }).parse(text, 0, more);
  const broken = errors.find(({ code }) => code === "InvalidQuotes");
  const kept = QUOTED_EMPTY.test(text) ? quotedEmpties(text, delimiter, newline, more) : new Set();
  if (!broken && errors.length) kept.add(data.length - 1);
  const whole = broken ? data.slice(0, broken.row) : data;
  const records = whole.filter((cells, place) => cells.length > 1 || cells[0] !== "" || kept.has(place));
  if (!errors.length) return { records, wrong: new Map(), end: meta.cursor };
  if (!broken) return { records, wrong: new Map([[records.length - 1, UNCLOSED]]), end: meta.cursor };
  const wrong = new Map([[records.push([""]) - 1, MISPLACED]]);
  return { records, wrong, end: lineAfter(text, broken.index ?? 0) };
}

/**
 * Where the next line begins.
 *
 * @param {string} text
 * @param {number} place
 */
function lineAfter(text, place) {
  const ends = /\r\n?|\n|$/g;
  ends.lastIndex = place;
  ends.test(text);
  return ends.lastIndex;
}

/**
 * Places of records that begin with a pair of quotes: where there is nothing else they have a cell, unlike blank lines.
 *
 * @param {string} text
 * @param {string} delimiter
 * @param {"\n" | "\r\n"} newline
 * @param {boolean} more
 * @returns {Set<number>}
 */
function quotedEmpties(text, delimiter, newline, more) {
  const places = new Set();
  let [place, start] = [0, 0];
  const step = (/** @type {import("papaparse").ParseStepResult<unknown>} */ { meta }) => {
    if (text.startsWith('""', start)) places.add(place);
    place += 1;
    start = meta.cursor;
  };
  new Papa.Parser({ delimiter, newline, step }).parse(text, 0, more);
  return places;
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
    row += 1;
    if (reason) problems.push(problem(row, "", ...reason));
    else rows[whole.push(cells) - 1] = row;
  }
  const columns = places.map((place) => coded(whole.length, (each) => whole[each][place]));
  return { rows: rows.slice(0, whole.length), columns, problems, record: row };
}

/**
 * @param {readonly string[]} cells
 * @param {number} width
 * @returns {Wrong | null}
 */
function widthProblem(cells, width) {
  if (cells.length === width) return null;
  return [`${cells.length} ${cells.length === 1 ? "cell" : "cells"}`, String(width)];
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
  const whole = body.subarray(0, last ? body.length : wholeLines(body, encoding) || wholeCharacters(body, encoding));
  const text = decoded(whole, encoding, { name, offset: encoding.start });
  const skipped = /^[\r\n]*/.exec(text)?.[0].length ?? 0;
  if (skipped === text.length) throw noHeader(name, size_bytes > encoding.start);
  const delimiter = delimiterOf(text.slice(skipped));
  const [header, length] = headerOf(withLineFeeds(text.slice(skipped), delimiter), delimiter, last, name);
  const start = encoding.start + bytesOf(text.slice(0, skipped + length), encoding);
  const lines = text.match(/\r\n?|\n/g)?.length ?? 0;
  return { encoding, delimiter, header, start, line_bytes: whole.length / Math.max(1, lines) };
}

/**
 * @param {string} text From the header on.
 * @returns {string} Of the delimiters the one that stands most often in the header, outside quotes.
 */
function delimiterOf(text) {
  const counts = new Map(DELIMITERS.map((delimiter) => [delimiter, 0]));
  let quoted = false;
  for (const character of text) {
    if ((character === "\n" || character === "\r") && !quoted) break;
    if (character === '"') quoted = !quoted;
    else if (!quoted && counts.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  return DELIMITERS.reduce((best, each) => ((counts.get(each) ?? 0) > (counts.get(best) ?? 0) ? each : best));
}

/**
 * @param {string} text From the header on.
 * @param {string} delimiter
 * @param {boolean} last Whether the file ends with it.
 * @param {string} name
 * @returns {[header: string[], length: number]}
 */
function headerOf(text, delimiter, last, name) {
  const ended = last && !text.endsWith(LINE_END) ? text + LINE_END : text;
  /** @type {string[] | null} */
  let header = null;
  let length = 0;
  const parser = new Papa.Parser({
    ...{ delimiter, newline: LINE_END },
    step: ({ data, meta }) => {
      header ??= /** @type {any} */ (data)[0];
      length ||= meta.cursor;
      parser.abort();
    },
  });
  parser.parse(ended, 0, true);
  if (header === null && !last)
    throw fileError(name, "a header of over 1 MiB", "a shorter one, each quote in it closed");
  if (header === null) throw fileError(name, UNCLOSED[0], `${UNCLOSED[1]} of the header`);
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
