/**
 * Cells of tables to wire values: what a text in a CSV file, or a typed value in a Parquet file, means to a field.
 *
 * What a rule does not cover stays as it is, so that the validator refuses it by what stood in the file. `foreshore.cells` is the same
 * in Python; the tests hold the two equal.
 */

import { CELL_PATTERNS, MISSING_WORDS } from "../generated/vocabulary.js";

/**
 * @typedef {Pick<import("../generated/vocabulary.js").EncodedField, "dtype" | "codes">} CellField
 */

const MISSING = new Set(MISSING_WORDS);
const NUMBER = whole(CELL_PATTERNS.number);
const TIME = whole(CELL_PATTERNS.time);
const DATE = whole(CELL_PATTERNS.date);
const DATETIME = whole(CELL_PATTERNS.datetime);
const DAY_MS = 86_400_000;
const SECOND_US = 1_000_000n;
const MINUTE_US = 60n * SECOND_US;

/** @type {Readonly<Record<string, boolean>>} */
const TRUTHS = { true: true, 1: true, false: false, 0: false };

/** @param {string} pattern */
function whole(pattern) {
  return new RegExp(`^(?:${pattern})$`);
}

/**
 * What reads a text cell as the wire value of a field.
 *
 * @param {CellField} field
 * @returns {(text: string) => string | number | boolean | null}
 */
export function textReader({ dtype, codes }) {
  if (dtype === "text" || dtype === "image") return (text) => text || null;
  if (codes) return (text) => categoryOf(codes, text);
  const read = READERS[dtype];
  return (text) => {
    const trimmed = trim(text);
    return MISSING.has(trimmed) ? null : (read(trimmed) ?? text);
  };
}

/**
 * What reads a typed cell as the wire value of a field. Dates and times come as texts, made by `dateText`, `timeText` and `momentText`:
 * only the reader of a file knows which a number of its is.
 *
 * @param {CellField} field
 * @returns {(value: unknown) => unknown}
 */
export function valueReader(field) {
  const readText = textReader(field);
  const isBool = field.dtype === "bool";
  return (value) => {
    if (typeof value === "string") return readText(value);
    if (typeof value === "number" || typeof value === "bigint") return numberOf(Number(value), isBool);
    return ArrayBuffer.isView(value)
      ? [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)]
      : (value ?? null);
  };
}

/**
 * The day so many days after 1970-01-01, such as "2013-10-05"; one that no calendar here has as what it is, which is refused.
 *
 * @param {number} days
 */
export function dateText(days) {
  const date = new Date(days * DAY_MS);
  return Number.isNaN(date.getTime()) ? `${days} days since 1970` : date.toISOString().slice(0, 10);
}

/**
 * A time of day, such as "08:30"; with seconds where there are some.
 *
 * @param {bigint} microseconds Since midnight.
 */
export function timeText(microseconds) {
  return momentText(microseconds, false).slice(11);
}

/**
 * A moment, such as "2013-10-05T12:30Z"; with seconds where there are some. One that no calendar here has as what it is.
 *
 * @param {bigint} microseconds Since 1970-01-01.
 * @param {boolean} isUTC Whether its zone is known. If not, there is no "Z".
 */
export function momentText(microseconds, isUTC) {
  const rest = ((microseconds % MINUTE_US) + MINUTE_US) % MINUTE_US;
  const date = new Date(Number((microseconds - rest) / 1000n));
  if (Number.isNaN(date.getTime())) return `${microseconds} µs since 1970`;
  return date.toISOString().slice(0, 16) + (rest ? secondsText(rest) : "") + (isUTC ? "Z" : "");
}

/** @param {bigint} microseconds Of a minute. */
function secondsText(microseconds) {
  const seconds = String(microseconds / SECOND_US).padStart(2, "0");
  const fraction = String(microseconds % SECOND_US).padStart(6, "0");
  return `:${seconds}${Number(fraction) ? `.${fraction.replace(/0+$/, "")}` : ""}`;
}

/**
 * @param {Record<string, number>} codes
 * @param {string} text
 */
function categoryOf(codes, text) {
  return !Object.hasOwn(codes, text) && MISSING.has(trim(text)) ? null : text || null;
}

/**
 * @param {number} number
 * @param {boolean} isBool
 */
function numberOf(number, isBool) {
  if (Number.isNaN(number)) return null;
  return isBool && (number === 0 || number === 1) ? Boolean(number) : number + 0; // -0 is 0
}

/** @param {string} text Without the spaces and tabs around it, and without those alone. */
function trim(text) {
  let first = 0;
  let last = text.length;
  while (first < last && isBlank(text.charCodeAt(first))) first += 1;
  while (first < last && isBlank(text.charCodeAt(last - 1))) last -= 1;
  return text.slice(first, last);
}

/** @param {number} code */
function isBlank(code) {
  return code === 32 || code === 9;
}

/** @type {Record<string, (trimmed: string) => string | number | boolean | null>} */
const READERS = {
  float32: readNumber,
  int32: readNumber,
  bool: (text) => {
    const word = text.toLowerCase();
    return Object.hasOwn(TRUTHS, word) ? TRUTHS[word] : null;
  },
  time: (text) => {
    const match = TIME.exec(text);
    return match && `${match[1].padStart(2, "0")}:${match[2]}`;
  },
  date: (text) => DATE.exec(text)?.[1] ?? null,
  datetime: (text) => {
    const match = DATETIME.exec(text);
    return match && `${match[1]}T${match[2]}Z`;
  },
};

/** @param {string} text */
function readNumber(text) {
  return NUMBER.test(text) ? Number(text) + 0 : null;
}
