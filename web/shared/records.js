/** Records and events as callers give them, on their way to Python: snapshots, JSON text and batches. */

import { base64OfBytes } from "./base64.js";
import { Pixels, readImage } from "./images.js";

/** Levels of nesting that are let through; some thousands would overflow the stack of Python's JSON reader, and end it. */
const DEEPEST = 32;

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
export function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Which fields a record does not carry; null is carried, undefined is not. What is no record is left to the validator.
 *
 * @param {unknown} record
 * @param {readonly string[]} names
 */
export function lacking(record, names) {
  if (!isRecord(record)) return [];
  return names.filter((name) => !Object.hasOwn(record, name) || record[name] === undefined);
}

/**
 * Records as they are now, whatever the caller does with them before their turn comes. Images become `Pixels`.
 *
 * @param {readonly unknown[]} records
 * @returns {unknown[]}
 */
export function snapshots(records) {
  return records.map((record) => {
    if (!isRecord(record)) return record;
    return Object.fromEntries(Object.keys(record).map((name) => [name, readNow(record, name)]));
  });
}

/**
 * @param {Record<string, unknown>} record
 * @param {string} name
 */
function readNow(record, name) {
  try {
    const value = record[name];
    return isRecord(value) ? (readImage(value) ?? value) : value;
  } catch (error) {
    return { "not JSON": String(error) };
  }
}

/**
 * A list of [type, event] as JSON text; what is no such pair travels as it is, and is told as an event of no known type.
 *
 * @param {readonly unknown[]} events
 * @returns {string}
 */
export function eventsToJson(events) {
  return `[${events.map(eventToJson).join(",")}]`;
}

/** @param {unknown} event */
function eventToJson(event) {
  if (!Array.isArray(event) || event.length !== 2) return recordToJson(event);
  return `[${valueToJson(() => event[0]) ?? "null"},${recordToJson(event[1])}]`;
}

/**
 * A list of records as JSON text in which no value is silently another: `NaN` and the infinities stay what they are, as
 * Python reads them (`JSON.stringify` would make them null: missing), and what JSON can't hold becomes an object that
 * says so, which Python's validator refuses at its field.
 *
 * @param {readonly unknown[]} records
 * @returns {string}
 */
export function recordsToJson(records) {
  return `[${records.map(recordToJson).join(",")}]`;
}

/**
 * Records for Python, images apart: in the text an image's data is its place among them.
 *
 * @param {readonly unknown[]} records Snapshots.
 * @returns {{records: string, images: Uint8Array<ArrayBuffer>[]}}
 */
export function recordsForPython(records) {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const images = [];
  const placed = (/** @type {unknown} */ value) =>
    value instanceof Pixels ? { width: value.width, height: value.height, data: images.push(value.data) - 1 } : value;
  const apart = records.map((record) =>
    isRecord(record)
      ? Object.fromEntries(Object.entries(record).map(([name, value]) => [name, placed(value)]))
      : record,
  );
  return { records: recordsToJson(apart), images };
}

/** @param {unknown} record */
function recordToJson(record) {
  if (!isRecord(record)) return valueToJson(() => record) ?? "null";
  const fields = [];
  for (const name of Object.keys(record)) {
    const text = valueToJson(() => record[name]);
    if (text !== undefined) fields.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${fields.join(",")}}`;
}

/**
 * @param {() => unknown} read May throw: a getter.
 * @returns {string | undefined} Undefined for undefined, which counts as absent.
 */
function valueToJson(read) {
  try {
    const value = read();
    if (value === undefined) return undefined;
    if (typeof value === "number" && !Number.isFinite(value)) return String(value);
    if (value instanceof Pixels) return JSON.stringify({ ...value, data: base64OfBytes(value.data) });
    if (isDeeper(value, DEEPEST)) return foreign(`a value nested over ${DEEPEST} levels deep`);
    return JSON.stringify(value) ?? foreign(`a ${typeof value}`);
  } catch (error) {
    return foreign(String(error));
  }
}

/**
 * @param {unknown} value
 * @param {number} levels
 * @returns {boolean}
 */
function isDeeper(value, levels) {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** @param {string} what */
function foreign(what) {
  return JSON.stringify({ "not JSON": what });
}

/**
 * Rows in batches, in their order.
 *
 * @param {Iterable<unknown> | AsyncIterable<unknown>} rows
 * @param {number} batchSize
 * @returns {AsyncGenerator<{start: number, records: unknown[]}>}
 */
export async function* batches(rows, batchSize) {
  let start = 0;
  /** @type {unknown[]} */
  let records = [];
  for await (const row of rows) {
    records.push(row);
    if (records.length === batchSize) {
      yield { start, records };
      start += batchSize;
      records = [];
    }
  }
  if (records.length) yield { start, records };
}
