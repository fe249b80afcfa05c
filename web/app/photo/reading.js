// A file as pixels: checked, decoded by the browser, and drawn over white in sRGB, upright.

import { Refusal } from "../refusal.js";
import { admitHeader, admitPixels, admitSize, undecoded } from "./admission.js";

/** @typedef {import("./header.js").Header} Header */
/** @typedef {{ width: number, height: number, data: Uint8ClampedArray }} Image RGBA, four bytes a pixel */

/**
 * @typedef {object} Photo
 * @property {Image} image
 * @property {HTMLCanvasElement} preview
 * @property {boolean} moving whether more frames were in the file than the one that was read
 */

/** What every browser reads that runs this page; of others it is asked. */
const FORMATS = ["JPEG", "PNG", "GIF", "WebP", "BMP"];
const ASKED = /** @type {const} */ ([
  ["AVIF", "image/avif"],
  ["HEIC", "image/heic"],
]);
const STRIP_PIXELS = 1 << 21;
const PREVIEW_SIDE = 960;

/**
 * @param {Blob} file
 * @returns {Promise<Photo>}
 * @throws {Refusal} if it is no photo, too large, or not readable
 */
export async function readPhoto(file) {
  admitSize(file.size);
  const [bytes, formats] = await Promise.all([bytesOf(file), readableFormats()]);
  const header = admitHeader(bytes, formats);
  const bitmap = await decoded(bytes, header, formats);
  try {
    admitPixels(bitmap.width, bitmap.height);
    return { image: pixelsOf(bitmap), preview: previewOf(bitmap), moving: header.moving };
  } finally {
    bitmap.close();
  }
}

/** @param {Blob} file */
async function bytesOf(file) {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Refusal("That file could not be read.", "It may have been moved, or is a folder: choose it again.");
  }
}

/** The names of the formats that this browser reads. */
export async function readableFormats() {
  const asked = ASKED.map(async ([name, type]) => ((await reads(type)) ? [name] : []));
  return [...FORMATS, ...(await Promise.all(asked)).flat()];
}

/** @param {string} type */
async function reads(type) {
  const decoder = /** @type {any} */ (globalThis).ImageDecoder;
  return decoder === undefined ? false : decoder.isTypeSupported(type).catch(() => false);
}

/**
 * The very bytes that were checked; of a picture that moves, the first frame.
 *
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {Header} header
 * @param {readonly string[]} formats
 */
async function decoded(bytes, { format }, formats) {
  const blob = new Blob([bytes], { type: `image/${format.toLowerCase()}` });
  try {
    return await createImageBitmap(blob, { imageOrientation: "from-image", colorSpaceConversion: "default" });
  } catch {
    throw undecoded(format, formats);
  }
}

/**
 * In strips, as some devices have no canvas as large as a photo.
 *
 * @param {ImageBitmap} bitmap
 * @returns {Image}
 */
function pixelsOf(bitmap) {
  const { width, height } = bitmap;
  const rows = Math.min(height, Math.max(1, Math.floor(STRIP_PIXELS / width)));
  const { context } = createPaper(width, rows);
  const data = new Uint8ClampedArray(4 * width * height);
  for (let top = 0; top < height; top += rows) {
    context.fillRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, -top);
    const strip = context.getImageData(0, 0, width, Math.min(rows, height - top));
    data.set(strip.data, 4 * width * top);
  }
  return { width, height, data };
}

/** @param {ImageBitmap} bitmap */
function previewOf(bitmap) {
  const scale = Math.min(1, PREVIEW_SIDE / Math.max(bitmap.width, bitmap.height));
  const side = (/** @type {number} */ length) => Math.max(1, Math.round(length * scale));
  const { canvas, context } = createPaper(side(bitmap.width), side(bitmap.height));
  context.imageSmoothingQuality = "high";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * A canvas to draw on in sRGB, kept in memory, where pixels are read as they were drawn; it fills in white.
 *
 * @param {number} width
 * @param {number} height
 */
export function createPaper(width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb" });
  if (context === null)
    throw new Refusal("This browser has no memory left for that picture.", "Close other tabs first.");
  context.fillStyle = "#fff";
  return { canvas, context };
}
