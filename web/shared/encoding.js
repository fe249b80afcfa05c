/**
 * Records to columns, and tensors to answers, driven by a release's encoding table.
 *
 * The table (`foreshore.encoding` in Python) holds names, bounds, codes and the words of messages; here is only what a dtype
 * means. The tests and the verification gate hold this encoder to Python's, values and messages alike.
 */

import { MISSING_INT, TEXT_CHARACTERS } from "../generated/vocabulary.js";
import { ForeshoreError } from "./errors.js";
import { describedImage, imageColumns, readImage } from "./images.js";
import { isRecord } from "./records.js";

/**
 * @typedef {import("../generated/vocabulary.js").EncodingTable} EncodingTable
 * @typedef {import("../generated/vocabulary.js").EncodedField} EncodedField
 * @typedef {import("./errors.js").Problem} Problem
 * @typedef {import("./protocol.js").Tensors} Tensors
 *
 * @typedef {import("./images.js").Pixels} Pixels
 * @typedef {{label: string, index: number, score: number}} Ranked One of a ranking: the label's place among all, and its value.
 * @typedef {(value: unknown) => number | null} Reader A wire value in column form, or null where it does not fit.
 */

const SHOWN_CHARACTERS = 40;
const LARGE_INTEGER = 1e30;
const INT32_MAX = 2 ** 31 - 1;
const FLOAT32_MAX = 3.4028234663852886e38;
const DAY_MS = 86_400_000;
const DAY_MIN = 1440;
const COLUMN_BYTES = 4;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;
const DATETIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})Z$/;
/** Characters are counted as Python does, by code point; control characters and lone surrogates are none. */
const TEXT = new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${TEXT_CHARACTERS}}$`, "u");

/**
 * Columns of validated records.
 *
 * @param {EncodingTable} table
 * @param {readonly unknown[]} records N of them.
 * @param {number} [first_row] What the first record's row is called in errors.
 * @returns {Tensors} By name, the contract's columns: Float32Array with NaN, or Int32Array with `MISSING_INT`, for what is missing, all in
 *   one buffer, so that it takes one transfer to send them; of an image its pixels and how far they reach.
 * @throws {ForeshoreError} "validation", with every problem of every record as far as the table lists them.
 */
export function encode(table, records, first_row = 0) {
  /** @type {Problem[]} */
  const problems = [];
  const batch = { records: checkShapes(table, records, first_row, problems), first_row, problems };
  const buffer = new ArrayBuffer(table.fields.length * records.length * COLUMN_BYTES);
  const columns = table.fields.map((field, place) =>
    field.dtype === "image"
      ? images(field, batch)
      : column(field, batch, buffer, place * records.length * COLUMN_BYTES),
  );
  if (problems.length) throw invalid(problems.sort((a, b) => a.row - b.row).slice(0, table.problems_listed));
  return Object.assign({}, ...columns.map((finished) => finished()));
}

/**
 * Answers from a model's outputs.
 *
 * @param {EncodingTable} table
 * @param {Tensors} tensors
 * @param {number} rows
 * @returns {Record<string, number | Ranked[]>[]}
 * @throws {ForeshoreError} "model" where a tensor is missing, of another length, or holds what is not finite.
 */
export function decode(table, tensors, rows) {
  const columns = table.outputs.map((output) => ({ name: output.name, values: values(output, tensors, rows) }));
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(columns.map((column) => [column.name, column.values[row]])),
  );
}

/**
 * A numeric output's values, as they are in its tensor.
 *
 * @param {EncodingTable["outputs"][number]} output
 * @param {Tensors} tensors
 * @param {number} rows
 * @returns {Float32Array | Float64Array}
 * @throws {ForeshoreError} As `decode`.
 */
export function decodeNumbers(output, tensors, rows) {
  const { data } = tensorOf(output, tensors, rows);
  const numbers = data.length === rows && isReal(data) ? data : firstOfEach(data, rows);
  const wrong = numbers.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw notFinite(output.tensor, numbers[wrong], wrong);
  return numbers;
}

/**
 * @param {EncodingTable["outputs"][number]} output
 * @param {Tensors} tensors
 * @param {number} rows
 * @returns {(number | Ranked[])[]}
 */
function values(output, tensors, rows) {
  const { labels, top } = output;
  const { data } = tensorOf(output, tensors, rows);
  const stride = data.length / rows;
  return Array.from({ length: rows }, (_, row) => {
    const read = Array.from({ length: labels.length || 1 }, (_, place) => Number(data[row * stride + place]));
    const wrong = read.find((value) => !Number.isFinite(value));
    if (wrong === undefined) return labels.length ? ranking(labels, read, top) : read[0];
    throw notFinite(output.tensor, wrong, row);
  });
}

/**
 * @param {import("./protocol.js").TensorData} data
 * @returns {data is Float32Array | Float64Array}
 */
function isReal(data) {
  return data instanceof Float32Array || data instanceof Float64Array;
}

/**
 * @param {import("./protocol.js").TensorData} data
 * @param {number} rows
 */
function firstOfEach(data, rows) {
  const stride = data.length / rows;
  return Float64Array.from({ length: rows }, (_, row) => Number(data[row * stride]));
}

/**
 * @param {EncodingTable["outputs"][number]} output
 * @param {Tensors} tensors
 * @param {number} rows
 */
function tensorOf({ tensor: name, labels }, tensors, rows) {
  const tensor = tensors[name];
  if (!tensor) {
    throw new ForeshoreError("model", `the model gave ${Object.keys(tensors)}, expected a tensor ${name}`);
  }
  const stride = tensor.data.length / rows;
  if (rows && (tensor.dims[0] !== rows || !Number.isInteger(stride) || (labels.length && labels.length !== stride))) {
    throw new ForeshoreError("model", `tensor ${name}: got shape ${tensor.dims}, expected ${rows} rows`);
  }
  return tensor;
}

/**
 * @param {string} name Of the tensor.
 * @param {number} value
 * @param {number} row
 */
function notFinite(name, value, row) {
  return new ForeshoreError("model", `tensor ${name}: got ${value}, expected a finite number (row ${row})`, { row });
}

/**
 * The highest scores; among equals those that stand first.
 *
 * @param {readonly string[]} labels
 * @param {readonly number[]} scores
 * @param {number} top
 * @returns {Ranked[]}
 */
function ranking(labels, scores, top) {
  const best = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b).slice(0, top);
  return best.map((index) => ({ label: labels[index], index, score: scores[index] }));
}

/**
 * @param {EncodingTable} table
 * @param {readonly unknown[]} records
 * @param {number} first_row
 * @param {Problem[]} problems
 * @returns {readonly Record<string, unknown>[]}
 */
function checkShapes(table, records, first_row, problems) {
  const names = new Set(table.fields.map((field) => field.name));
  for (const [index, record] of records.entries()) {
    const row = first_row + index;
    if (!isRecord(record)) {
      throw invalid([problem(row, "", brief(record), "a record: an object of field names and values")]);
    }
    for (const [name, value] of Object.entries(record)) {
      if (!names.has(name) && value !== undefined) {
        problems.push(problem(row, "", `a field ${brief(name)}`, table.others));
      }
    }
  }
  return /** @type {readonly Record<string, unknown>[]} */ (records);
}

/**
 * @typedef {object} Batch
 * @property {readonly Record<string, unknown>[]} records
 * @property {number} first_row
 * @property {Problem[]} problems Gathers what is wrong.
 */

/**
 * @param {EncodedField} field
 * @param {Batch} batch
 * @param {ArrayBuffer} buffer
 * @param {number} offset In bytes.
 * @returns {() => Tensors} The field's column; none of a text.
 */
function column(field, batch, buffer, offset) {
  const rows = batch.records.length;
  const data =
    field.column === "float32"
      ? new Float32Array(buffer, offset, rows).fill(Number.NaN)
      : new Int32Array(buffer, offset, rows).fill(MISSING_INT);
  fill(data, field, reader(field), batch);
  return () => (field.column ? { [field.name]: { data, dims: [rows] } } : {});
}

/**
 * @param {EncodedField} field
 * @param {Batch} batch
 * @returns {() => Tensors} The field's columns, once it is known that every record has an image.
 */
function images(field, batch) {
  /** @type {Pixels[]} */
  const read = [];
  fill(read, field, readImage, batch);
  return () => imageColumns(field.name, read);
}

/**
 * @template T
 * @param {{[row: number]: T}} data
 * @param {EncodedField} field
 * @param {(value: unknown) => T | null} read
 * @param {Batch} batch
 */
function fill(data, field, read, { records, first_row, problems }) {
  for (const [index, record] of records.entries()) {
    const value = given(record, field.name);
    const found = value === null ? null : read(value);
    if (found !== null) data[index] = found;
    else if (value !== null || !field.nullable) problems.push(refusal(field, first_row + index, value));
  }
}

/**
 * @param {EncodedField} field
 * @param {number} row
 * @param {unknown} value
 */
function refusal(field, row, value) {
  const got = (field.dtype === "image" && describedImage(value)) || brief(value);
  return problem(row, field.name, value === null ? "nothing" : got, field.expectation);
}

/**
 * @param {Record<string, unknown>} record
 * @param {string} name
 * @returns {unknown} Null for what is absent.
 */
function given(record, name) {
  return Object.hasOwn(record, name) ? (record[name] ?? null) : null;
}

/**
 * How a field's wire values are read; not an image's.
 *
 * @param {EncodedField} field
 * @returns {Reader}
 */
export function reader({ dtype, codes, low, high }) {
  if (codes) return (value) => (typeof value === "string" && Object.hasOwn(codes, value) ? codes[value] : null);
  const read = READERS[dtype];
  const least = low ?? Number.NEGATIVE_INFINITY;
  const most = high ?? Number.POSITIVE_INFINITY;
  return (value) => {
    const number = read(value);
    return number !== null && least <= number && number <= most ? number : null;
  };
}

/** @type {Record<string, Reader>} */
const READERS = {
  float32: real,
  int32: (value) => {
    const number = real(value);
    return number !== null && Number.isInteger(number) && Math.abs(number) <= INT32_MAX ? number : null;
  },
  bool: (value) => (typeof value === "boolean" ? Number(value) : null),
  date: (value) => (typeof value === "string" ? daysSinceEpoch(value) : null),
  time: (value) => (typeof value === "string" ? minutesSinceMidnight(value) : null),
  datetime: (value) => (typeof value === "string" ? minutesSinceEpoch(value) : null),
  text: (value) => (typeof value === "string" && TEXT.test(value) ? value.length : null),
};

/** @type {Reader} */
function real(value) {
  return typeof value === "number" && Math.abs(value) <= FLOAT32_MAX ? value : null;
}

/** Days of texts that were read lately: tables repeat the same dates over and over. @type {Map<string, number | null>} */
const READ_DAYS = new Map();
const MOST_READ_DAYS = 4096;

/**
 * Days from 1970-01-01 to an ISO 8601 date, or null where the text is no real date.
 *
 * @param {string} text
 */
export function daysSinceEpoch(text) {
  const known = READ_DAYS.get(text);
  if (known !== undefined) return known;
  if (READ_DAYS.size >= MOST_READ_DAYS) READ_DAYS.clear();
  const days = readDays(text);
  READ_DAYS.set(text, days);
  return days;
}

/** @param {string} text */
function readDays(text) {
  const match = DATE.exec(text);
  if (!match) return null;
  const [year, month, day] = match.slice(1).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const real = year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return real ? date.getTime() / DAY_MS : null;
}

/**
 * Minutes from midnight to a 24-hour time, or null where the text is none.
 *
 * @param {string} text
 */
export function minutesSinceMidnight(text) {
  const match = TIME.exec(text);
  return match && Number(match[1]) * 60 + Number(match[2]);
}

/**
 * Minutes from 1970-01-01 UTC to a moment such as "2013-10-05T12:30Z", or null where the text is none.
 *
 * @param {string} text
 */
export function minutesSinceEpoch(text) {
  const match = DATETIME.exec(text);
  const days = match && daysSinceEpoch(match[1]);
  const minutes = match && minutesSinceMidnight(match[2]);
  return days === null || minutes === null ? null : days * DAY_MIN + minutes;
}

/**
 * A value as Python's validator shows it: as JSON, in at most some 60 characters.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function brief(value) {
  if (typeof value === "string") return briefText(value);
  if (typeof value === "number") return briefNumber(value);
  if (typeof value === "boolean") return String(value);
  if (value === null || value === undefined) return "null";
  return Array.isArray(value) ? "a list" : "an object";
}

/** @param {string} text Characters are counted as Python does, by code point. */
function briefText(text) {
  if (text.length <= SHOWN_CHARACTERS) return quoted(text);
  let count = 0;
  let shown = "";
  for (const character of text) {
    if (count < SHOWN_CHARACTERS) shown += character;
    count += 1;
  }
  return count > SHOWN_CHARACTERS ? `${quoted(`${shown}…`)} (${count} characters)` : quoted(text);
}

/** @param {string} text As JSON, but with lone surrogates as they are. */
function quoted(text) {
  return JSON.stringify(text).replace(/\\(?:u(d[89a-f]..)|.)/g, (escaped, code) =>
    code ? String.fromCharCode(Number.parseInt(code, 16)) : escaped,
  );
}

/** @param {number} value Written as Python writes it: an exponent has two digits, and starts below 1e-4 and at 1e16. */
function briefNumber(value) {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value + 0);
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  const text = size >= 1e-4 && size < LARGE_INTEGER ? String(value) : value.toExponential();
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

/**
 * @param {number} row
 * @param {string} field
 * @param {string} got
 * @param {string} expected
 * @returns {Problem}
 */
export function problem(row, field, got, expected) {
  const subject = field ? `${field}: ` : "";
  return { row, field, got, expected, message: `${subject}got ${got}, expected ${expected} (row ${row})` };
}

/** @param {Problem[]} problems At least one. */
function invalid(problems) {
  const [{ message, field, row }] = problems;
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : "";
  return new ForeshoreError("validation", message + more, { field: field || null, row, problems });
}
