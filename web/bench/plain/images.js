/** Photos as a hand-written JavaScript port reads them: from RGB or RGBA bytes to RGB bytes of a moderate size. */

/**
 * @typedef {object} Photo As an `ImageData` is.
 * @property {number} width
 * @property {number} height
 * @property {Uint8Array | Uint8ClampedArray} data Row by row, three bytes a pixel (RGB) or four (and opacity).
 */

/** Pixels of the longer side at most. */
const LONGEST = 1024;
const WHITE = 255;

/**
 * A photo without opacity, of at most 1024 pixels a side: larger ones are averaged over boxes.
 *
 * @param {Photo} photo
 * @returns {Photo} Three bytes a pixel.
 * @throws {RangeError} Where the bytes don't fit the size.
 */
export function readPhoto({ width, height, data }) {
  const pixels = width * height;
  if (data.length !== 3 * pixels && data.length !== 4 * pixels)
    throw new RangeError(`photo: got ${data.length} bytes for ${width} x ${height} pixels, expected 3 or 4 a pixel`);
  const colours = data.length === 3 * pixels ? data : overWhite(data);
  const factor = Math.ceil(Math.max(width, height) / LONGEST);
  return factor === 1 ? { width, height, data: colours } : shrink({ width, height, data: colours }, factor);
}

/**
 * @param {Uint8Array | Uint8ClampedArray} data Four bytes a pixel.
 * @returns {Uint8Array} Three.
 */
function overWhite(data) {
  const colours = new Uint8Array((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    const opacity = data[from + 3];
    const light = WHITE * (WHITE - opacity) + (WHITE >> 1);
    // Whole numbers up to 65,152, of which `| 0` drops the fraction.
    colours[to] = ((data[from] * opacity + light) / WHITE) | 0;
    colours[to + 1] = ((data[from + 1] * opacity + light) / WHITE) | 0;
    colours[to + 2] = ((data[from + 2] * opacity + light) / WHITE) | 0;
  }
  return colours;
}

/**
 * @param {Photo} photo Three bytes a pixel.
 * @param {number} factor Pixels of a box's side; boxes at the right and lower edge are cut off.
 * @returns {Photo}
 */
function shrink({ width, height, data }, factor) {
  const small = { width: Math.ceil(width / factor), height: Math.ceil(height / factor) };
  const shrunk = new Uint8Array(small.width * small.height * 3);
  const sums = new Uint32Array(small.width * 3);
  for (let row = 0; row < small.height; row++) {
    const [top, bottom] = [row * factor, Math.min(height, (row + 1) * factor)];
    sums.fill(0);
    for (let y = top; y < bottom; y++) addRow(data, y * width * 3, width, factor, sums);
    writeMeans(sums, { width, factor, rows: bottom - top }, shrunk, row * small.width * 3);
  }
  return { ...small, data: shrunk };
}

/**
 * @param {Uint8Array | Uint8ClampedArray} data
 * @param {number} start Of the row.
 * @param {number} width
 * @param {number} factor
 * @param {Uint32Array} sums Three a box.
 */
function addRow(data, start, width, factor, sums) {
  let from = start;
  for (let box = 0, left = 0; left < width; box += 3, left += factor)
    for (let x = left; x < Math.min(width, left + factor); x++, from += 3) {
      sums[box] += data[from];
      sums[box + 1] += data[from + 1];
      sums[box + 2] += data[from + 2];
    }
}

/**
 * @param {Uint32Array} sums
 * @param {{width: number, factor: number, rows: number}} boxes
 * @param {Uint8Array} to
 * @param {number} start
 */
function writeMeans(sums, { width, factor, rows }, to, start) {
  for (let i = 0; i < sums.length; i++) {
    const left = Math.floor(i / 3) * factor;
    const count = rows * Math.min(factor, width - left);
    to[start + i] = (sums[i] + (count >> 1)) / count;
  }
}
