// What a file says about itself before anything of it is decoded: its format and its size in pixels. No DOM.

import { Bytes } from "./bytes.js";
import { readGif } from "./gif.js";
import { readHeif } from "./heif.js";
import { readJpeg } from "./jpeg.js";
import { readPng } from "./png.js";
import { readWebp } from "./webp.js";

/** @typedef {"PNG" | "JPEG" | "GIF" | "WebP" | "BMP" | "AVIF" | "HEIC" | "SVG"} Format */

/**
 * @typedef {object} Size
 * @property {number} width pixels, 0 where the file does not say
 * @property {number} height
 * @property {boolean} moving whether it holds more than one frame
 * @property {true} [cut] it ends too early, as can be told of a PNG; some browsers fill what is missing without a word
 *
 * @typedef {Size & { format: Format }} Header
 */

/** @type {[Format, (file: Bytes) => boolean, (file: Bytes) => Size][]} */
const FORMATS = [
  ["PNG", (file) => file.text(0, 8) === "\x89PNG\r\n\x1a\n", readPng],
  ["JPEG", (file) => file.text(0, 3) === "\xff\xd8\xff", readJpeg],
  ["GIF", (file) => /^GIF8[79]a$/.test(file.text(0, 6)), readGif],
  ["WebP", (file) => file.text(0, 4) === "RIFF" && file.text(8, 4) === "WEBP", readWebp],
  ["BMP", (file) => file.text(0, 2) === "BM" && file.length >= 26, readBmp],
  ["AVIF", (file) => brandsOf(file).some((brand) => brand === "avif" || brand === "avis"), readHeif],
  ["HEIC", (file) => brandsOf(file).some((brand) => /^(he[im][cxms]|hevc|hevx|mif1|msf1)$/.test(brand)), readHeif],
  ["SVG", isSvg, () => ({ width: 0, height: 0, moving: false })],
];

/**
 * @param {Uint8Array} bytes a whole file
 * @returns {Header | null} null where it is no picture of a known format
 */
export function readHeader(bytes) {
  const file = new Bytes(bytes);
  const found = FORMATS.find(([, matches]) => matches(file));
  if (found === undefined) return null;
  const [format, , read] = found;
  return { format, ...read(file) };
}

const BITMAPCOREHEADER_BYTES = 12;

/**
 * @param {Bytes} file
 * @returns {Size}
 */
function readBmp(file) {
  const core = file.integer(14, 4, true) === BITMAPCOREHEADER_BYTES;
  const side = (/** @type {number} */ index) =>
    core ? file.integer(18 + 2 * index, 2, true) : Math.abs(file.integer(18 + 4 * index, 4, true) | 0);
  return { width: side(0), height: side(1), moving: false };
}

/**
 * The brands of an ISO base media file, the major one first.
 *
 * @param {Bytes} file
 * @returns {string[]}
 */
function brandsOf(file) {
  if (file.text(4, 4) !== "ftyp") return [];
  const end = Math.min(file.integer(0, 4), 256);
  const brands = [file.text(8, 4)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(file.text(at, 4));
  return brands;
}

/** @param {Bytes} file */
function isSvg(file) {
  const start = file
    .text(0, 1024)
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart();
  return /^<(?:svg|\?xml|!DOCTYPE svg|!--)/i.test(start) && /<svg[\s/>]/i.test(file.text(0, 4096));
}
