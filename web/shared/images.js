/**
 * Images as records carry them, and the columns that they become: `foreshore.images` in Python, to the bit.
 */

import { IMAGE_PIXELS, IMAGE_SIDE } from "../generated/vocabulary.js";
import { bytesOfBase64 } from "./base64.js";

/**
 * @typedef {import("./protocol.js").Tensors} Tensors
 * @typedef {import("../generated/vocabulary.js").Image} Image
 */

const WHITE = 255;
const SIDE_MAX = 2 ** 31 - 1;
const CHANNELS = 3;

/** An image that was read: three bytes a pixel, no side longer than `IMAGE_SIDE`. */
export class Pixels {
  /**
   * @param {number} width
   * @param {number} height
   * @param {Uint8Array<ArrayBuffer>} data
   */
  constructor(width, height, data) {
    this.width = width;
    this.height = height;
    this.data = data;
  }
}

/**
 * An image's pixels, over white where it is not opaque, averaged over boxes where it is large. They are a copy.
 *
 * @param {unknown} value
 * @returns {Pixels | null} Null where it is no image that is taken.
 */
export function readImage(value) {
  if (value instanceof Pixels) return value;
  const size = claimedSize(value);
  if (!size || Math.min(size.width, size.height) < 1 || size.width * size.height > IMAGE_PIXELS) return null;
  const data = bytesOf(/** @type {Image} */ (value).data, size.width * size.height);
  return data && reduced(data, size.width, size.height);
}

/**
 * What an image that is not taken claims to be, in the validator's words; null where it is no image at all.
 *
 * @param {unknown} value
 */
export function describedImage(value) {
  const size = claimedSize(value);
  return size && `an image of ${size.width} x ${size.height} pixels and ${amountOf(/** @type {Image} */ (value).data)}`;
}

/** @param {unknown} data */
function amountOf(data) {
  if (typeof data === "string") return `${[...data].length} characters of data`;
  return isBytes(data) ? `${data.length} bytes of data` : "no data";
}

/** @param {unknown} value */
function claimedSize(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const { width, height } = /** @type {Record<string, unknown>} */ (value);
  return isSide(width) && isSide(height) ? { width, height } : null;
}

/**
 * @param {unknown} side
 * @returns {side is number}
 */
function isSide(side) {
  return typeof side === "number" && Number.isInteger(side) && side >= 0 && side <= SIDE_MAX;
}

/**
 * @param {unknown} data
 * @returns {data is Uint8Array | Uint8ClampedArray}
 */
function isBytes(data) {
  return data instanceof Uint8Array || data instanceof Uint8ClampedArray;
}

/**
 * @param {unknown} data
 * @param {number} pixels
 * @returns {Uint8Array | Uint8ClampedArray | null} Three or four bytes a pixel.
 */
function bytesOf(data, pixels) {
  const sizes = [CHANNELS * pixels, (CHANNELS + 1) * pixels];
  const wanted = typeof data === "string" && sizes.some((size) => data.length === Math.ceil(size / 3) * 4);
  const bytes = wanted ? bytesOfBase64(data) : data;
  return isBytes(bytes) && sizes.includes(bytes.length) ? bytes : null;
}

/**
 * @param {Uint8Array | Uint8ClampedArray} data
 * @param {number} width
 * @param {number} height
 */
function reduced(data, width, height) {
  const factor = Math.ceil(Math.max(width, height) / IMAGE_SIDE);
  const stride = data.length / (width * height);
  if (factor > 1 && isOpaque(data, stride)) return averaged(data, stride, width, height, factor);
  const rgb = stride === CHANNELS ? Uint8Array.from(data) : overWhite(data);
  return factor === 1 ? new Pixels(width, height, rgb) : averaged(rgb, CHANNELS, width, height, factor);
}

/**
 * @param {Uint8Array | Uint8ClampedArray} data
 * @param {number} stride Bytes a pixel.
 */
function isOpaque(data, stride) {
  if (stride === CHANNELS) return true;
  for (let place = CHANNELS; place < data.length; place += stride) if (data[place] !== WHITE) return false;
  return true;
}

/** @param {Uint8Array | Uint8ClampedArray} data Four bytes a pixel. */
function overWhite(data) {
  const rgb = new Uint8Array((data.length / 4) * CHANNELS);
  for (let from = 0, to = 0; from < data.length; from += 4, to += CHANNELS) {
    const opacity = data[from + 3];
    const white = WHITE * (WHITE - opacity) + (WHITE >> 1);
    rgb[to] = (data[from] * opacity + white) / WHITE;
    rgb[to + 1] = (data[from + 1] * opacity + white) / WHITE;
    rgb[to + 2] = (data[from + 2] * opacity + white) / WHITE;
  }
  return rgb;
}

/**
 * @param {Uint8Array | Uint8ClampedArray} data
 * @param {number} stride Bytes a pixel, of which the first three count.
 * @param {number} width
 * @param {number} height
 * @param {number} factor Pixels of a box's side; boxes at the right and lower edge are cut off.
 */
function averaged(data, stride, width, height, factor) {
  const columns = Math.ceil(width / factor);
  const rows = Math.ceil(height / factor);
  const means = new Uint8Array(rows * columns * CHANNELS);
  const sums = new Uint32Array(columns * CHANNELS);
  for (let row = 0; row < rows; row++) {
    const last = Math.min((row + 1) * factor, height);
    sums.fill(0);
    for (let y = row * factor; y < last; y++)
      addRow(sums, data.subarray(y * width * stride, (y + 1) * width * stride), stride, factor);
    for (let column = 0; column < columns; column++) {
      const count = (last - row * factor) * (Math.min((column + 1) * factor, width) - column * factor);
      for (let place = column * CHANNELS; place < (column + 1) * CHANNELS; place++) {
        means[row * sums.length + place] = (sums[place] + (count >> 1)) / count;
      }
    }
  }
  return new Pixels(columns, rows, means);
}

/**
 * @param {Uint32Array} sums By box and channel.
 * @param {Uint8Array | Uint8ClampedArray} row
 * @param {number} stride
 * @param {number} factor
 */
function addRow(sums, row, stride, factor) {
  for (let to = 0, start = 0; start < row.length; to += CHANNELS, start += factor * stride) {
    const end = Math.min(start + factor * stride, row.length);
    for (let from = start; from < end; from += stride) {
      sums[to] += row[from];
      sums[to + 1] += row[from + 1];
      sums[to + 2] += row[from + 2];
    }
  }
}

/**
 * The columns of an image field: pixels, as high and wide as the largest, zeros beyond an image's own; and how far those reach.
 *
 * @param {string} name
 * @param {readonly Pixels[]} images
 * @returns {Tensors}
 */
export function imageColumns(name, images) {
  const height = Math.max(1, ...images.map((image) => image.height));
  const width = Math.max(1, ...images.map((image) => image.width));
  const data = new Uint8Array(images.length * height * width * CHANNELS);
  for (const [place, image] of images.entries()) lay(image, data, place * height * width * CHANNELS, width);
  const dims = [images.length];
  return {
    [name]: { data, dims: [...dims, height, width, CHANNELS] },
    [`${name}_height`]: { data: Int32Array.from(images, (image) => image.height), dims },
    [`${name}_width`]: { data: Int32Array.from(images, (image) => image.width), dims },
  };
}

/**
 * @param {Pixels} image
 * @param {Uint8Array} data
 * @param {number} offset
 * @param {number} width Pixels of a row of `data`.
 */
function lay(image, data, offset, width) {
  const size = image.width * CHANNELS;
  for (let row = 0; row < image.height; row++) {
    data.set(image.data.subarray(row * size, (row + 1) * size), offset + row * width * CHANNELS);
  }
}
