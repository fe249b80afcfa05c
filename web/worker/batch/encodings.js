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
  if (text !== null) return text;
  const place = firstWrong(bytes, encoding);
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
 * @param {number} newline Its character.
 * @returns {number} 0 where there is no end of a line.
 */
export function wholeLines(bytes, { label, unit }, newline) {
  if (unit === 1) return bytes.lastIndexOf(newline) + 1;
  const [low, high] = label === "utf-16le" ? [0, 1] : [1, 0];
  for (let end = bytes.length - (bytes.length % 2); end > 0; end -= 2)
    if (bytes[end - 2 + low] === newline && bytes[end - 2 + high] === 0) return end;
  return 0;
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
