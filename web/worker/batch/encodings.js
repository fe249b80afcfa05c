/** Texts of files: which encoding they are in, whole characters of a slice, and the first byte that is none. */

import { ForeshoreError } from "../../shared/errors.js";

/**
 * @typedef {object} Encoding
 * @property {"utf-8" | "utf-16le" | "utf-16be"} label
 * @property {number} start Bytes of the mark at the file's beginning.
 * @property {number} unit Bytes of the smallest part of a character.
 */

/** @type {(Encoding & {mark: number[]})[]} */
const MARKED = [
  { label: "utf-8", start: 3, unit: 1, mark: [0xef, 0xbb, 0xbf] },
  { label: "utf-16le", start: 2, unit: 2, mark: [0xff, 0xfe] },
  { label: "utf-16be", start: 2, unit: 2, mark: [0xfe, 0xff] },
];
/** @type {Encoding} */
const UNMARKED = { label: "utf-8", start: 0, unit: 1 };
const LONGEST_CHARACTER = 4;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * @param {Uint8Array} head Of the file.
 * @returns {Encoding}
 */
export function encodingOf(head) {
  return MARKED.find(({ mark }) => mark.every((byte, place) => head[place] === byte)) ?? UNMARKED;
}

/**
 * @param {Uint8Array} bytes Whole characters.
 * @param {Encoding} encoding
 * @param {{name: string, offset: number}} where Of the bytes, for the message.
 * @returns {string}
 * @throws {ForeshoreError} "validation" that names the first byte that does not fit.
 */
export function decoded(bytes, encoding, { name, offset }) {
  const text = attempted(bytes, encoding, false);
  const zero = encoding.unit === 1 ? bytes.indexOf(0) : -1; // UTF-16 without a mark, or no text at all
  if (text !== null && zero < 0) return text;
  const place = text === null ? firstWrong(bytes, encoding) : zero;
  const byte = `0x${bytes[place].toString(16).toUpperCase().padStart(2, "0")}`;
  const title = encoding.label.slice(0, 6).toUpperCase().replace(/-$/, "");
  throw new ForeshoreError(
    "validation",
    `${name}: byte ${byte} at position ${offset + place} is not ${title}; save the file as UTF-8`,
  );
}

/**
 * How many bytes of a slice are whole lines.
 *
 * @param {Uint8Array} bytes
 * @param {Encoding} encoding
 * @returns {number} 0 where there is no end of a line.
 */
export function wholeLines(bytes, { label, unit }) {
  const [low, high] = label === "utf-16le" ? [0, 1] : [1, 0];
  for (let end = bytes.length - (bytes.length % unit); end > 0; end -= unit) {
    const byte = bytes[unit === 1 ? end - 1 : end - 2 + low];
    if ((byte === LINE_FEED || byte === CARRIAGE_RETURN) && (unit === 1 || bytes[end - 2 + high] === 0)) return end;
  }
  return 0;
}

/**
 * How many bytes of a slice, of more than one character, are whole characters.
 *
 * @param {Uint8Array} bytes
 * @param {Encoding} encoding
 */
export function wholeCharacters(bytes, { label, unit }) {
  let end = bytes.length - (bytes.length % unit);
  if (unit === 2) return isFirstHalf(bytes[end - (label === "utf-16le" ? 1 : 2)]) ? end - 2 : end;
  const least = end - LONGEST_CHARACTER;
  while (end > least && isContinued(bytes[end - 1])) end -= 1;
  return bytes[end - 1] < 0x80 ? end : end - 1;
}

/** @param {number} high Of a unit of UTF-16: whether the character needs another. */
function isFirstHalf(high) {
  return high >= 0xd8 && high < 0xdc;
}

/** @param {number} byte Of UTF-8: whether a character goes on with it. */
function isContinued(byte) {
  return byte >= 0x80 && byte < 0xc0;
}

/**
 * @param {string} text
 * @param {Encoding} encoding
 * @returns {number} Bytes that it takes in a file.
 */
export function bytesOf(text, { unit }) {
  return unit === 2 ? 2 * text.length : new TextEncoder().encode(text).length;
}

/**
 * @param {Uint8Array} bytes
 * @param {Encoding} encoding
 * @param {boolean} stream Whether a character may lack its end.
 */
function attempted(bytes, { label }, stream) {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes, { stream });
  } catch {
    return null;
  }
}

/**
 * @param {Uint8Array} bytes That can't be decoded as they are.
 * @param {Encoding} encoding
 * @returns {number} Where the first character begins that is none.
 */
function firstWrong(bytes, encoding) {
  let [good, wrong] = [0, bytes.length + 1];
  while (wrong - good > 1) {
    const middle = Math.floor((good + wrong) / 2);
    if (attempted(bytes.subarray(0, middle), encoding, true) === null) wrong = middle;
    else good = middle;
  }
  const last = Math.min(good, bytes.length - 1);
  for (let start = last; start > last - LONGEST_CHARACTER && start >= 0; start--)
    if (attempted(bytes.subarray(0, start), encoding, false) !== null) return start;
  return last;
}
