// Whether a file is decoded at all: told from its size and its header, before any of its pixels. No DOM.

import { IMAGE_PIXELS } from "../../generated/vocabulary.js";
import { bytesText, numberText } from "../format.js";
import { Refusal } from "../refusal.js";
import { readHeader } from "./header.js";

/** @typedef {import("./header.js").Header} Header */

export const FILE_LIMIT_BYTES = 50_000_000;
/** What every browser draws; some draw nothing of what is longer, and don't say so. */
export const SIDE_LIMIT = 16_384;

/**
 * @param {number} size_bytes
 * @throws {Refusal}
 */
export function admitSize(size_bytes) {
  if (size_bytes === 0) throw new Refusal("That file is empty.", "It has 0 bytes: choose another.");
  if (size_bytes <= FILE_LIMIT_BYTES) return;
  const most = `Files of up to ${bytesText(FILE_LIMIT_BYTES)} are read here: export the photo at a smaller size.`;
  throw new Refusal(`That file has ${bytesText(size_bytes)}.`, most);
}

/**
 * @param {Uint8Array} bytes the whole file
 * @param {readonly string[]} formats that this browser reads
 * @returns {Header}
 * @throws {Refusal}
 */
export function admitHeader(bytes, formats) {
  const header = readHeader(bytes);
  const choose = `Choose a ${listText(formats)} file.`;
  if (header === null) throw new Refusal("That file is not a picture, whatever its name says.", choose);
  if (header.format === "SVG") throw new Refusal("That is a drawing (SVG), not a photo.", choose);
  if (header.width * header.height === 0) throw damaged(header.format);
  admitPixels(header.width, header.height);
  if (header.cut) throw damaged(header.format);
  return header;
}

/**
 * @param {number} width
 * @param {number} height
 * @throws {Refusal}
 */
export function admitPixels(width, height) {
  const size = `${numberText(width)} × ${numberText(height)} pixels`;
  if (width * height > IMAGE_PIXELS) {
    const millions = `${numberText(IMAGE_PIXELS / 1e6)} million pixels are read here, so it was not opened`;
    throw new Refusal(`That picture has ${size}.`, `Up to ${millions}: export it at a smaller size.`);
  }
  if (Math.max(width, height) > SIDE_LIMIT) {
    const most = `No side may be longer than ${numberText(SIDE_LIMIT)} pixels: cut it, or export it at a smaller size.`;
    throw new Refusal(`That picture has ${size}.`, most);
  }
}

/**
 * What to say of a file that the browser did not decode.
 *
 * @param {Header["format"]} format
 * @param {readonly string[]} formats that this browser reads
 */
export function undecoded(format, formats) {
  if (formats.includes(format)) return damaged(format);
  const advice = `It reads ${listText(formats, "and")}: export the photo as JPEG, for example.`;
  return new Refusal(`This browser does not read ${format} files.`, advice);
}

/** @param {string} format */
function damaged(format) {
  return new Refusal(`That ${format} file is damaged or cut off.`, "Copy or download it again, or choose another.");
}

/**
 * @param {readonly string[]} words
 * @param {"or" | "and"} [joint]
 */
function listText(words, joint = "or") {
  return new Intl.ListFormat("en-GB", { type: joint === "or" ? "disjunction" : "conjunction" }).format(words);
}
