/** The middle of a photo, resized by the bicubic kernel of Keys, which is widened where it shrinks: as Pillow resizes. */

/**
 * @typedef {import("./images.js").Photo} Photo
 *
 * @typedef {object} Taps What each resized pixel is made of, along one side.
 * @property {Int32Array} first Where each one's pixels start.
 * @property {number} count Of them, for each the same; the weights of those that are too many are 0.
 * @property {Float64Array} weights (size, count); those of a pixel add up to 1.
 */

/** The kernel's free parameter. */
const SHARPNESS = -0.5;
/** Pixels on either side that it looks at. */
const REACH = 2;

/**
 * @param {number} distance
 * @see Keys (1981), Cubic convolution interpolation for digital image processing, equation 15.
 */
function bicubic(distance) {
  if (distance < 1) return ((SHARPNESS + 2) * distance - (SHARPNESS + 3)) * distance * distance + 1;
  if (distance < REACH) return (((distance - 5) * distance + 8) * distance - 4) * SHARPNESS;
  return 0;
}

/**
 * @param {number} from Pixels of a side.
 * @param {number} to Those that they become.
 * @returns {Taps}
 */
export function bicubicTaps(from, to) {
  const factor = from / to;
  const wide = Math.max(factor, 1);
  const count = Math.min(from, Math.ceil(2 * REACH * wide) + 1);
  const taps = { first: new Int32Array(to), count, weights: new Float64Array(to * count) };
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * factor;
    const first = Math.min(from - count, Math.max(0, Math.floor(centre - REACH * wide)));
    taps.first[i] = first;
    writeWeights(taps.weights.subarray(i * count, (i + 1) * count), first + 0.5 - centre, wide);
  }
  return taps;
}

/**
 * @param {Float64Array} weights
 * @param {number} offset Of the first pixel's centre.
 * @param {number} wide
 */
function writeWeights(weights, offset, wide) {
  let sum = 0;
  for (let tap = 0; tap < weights.length; tap++) {
    weights[tap] = bicubic(Math.abs(offset + tap) / wide);
    sum += weights[tap];
  }
  for (let tap = 0; tap < weights.length; tap++) weights[tap] /= sum;
}

/**
 * First down the photo, a row at a time, then across that row.
 *
 * @param {Photo} photo Three bytes a pixel.
 * @param {number} crop Pixels of the square's side that is kept, in the middle.
 * @param {number} size Of the resized square's side.
 * @param {(row: number, column: number, red: number, green: number, blue: number) => void} write Told each resized pixel,
 *   0 to 255 and a little beyond, where an edge rings.
 */
export function resizeMiddle({ width, height, data }, crop, size, write) {
  const [top, left] = [height, width].map((side) => Math.floor((side - crop + 1) / 2));
  const taps = bicubicTaps(crop, size);
  const across = new Float64Array(crop * 3);
  for (let row = 0; row < size; row++) {
    addRows(data, ((top + taps.first[row]) * width + left) * 3, width * 3, taps, row, across);
    writeRow(across, taps, (column, red, green, blue) => write(row, column, red, green, blue));
  }
}

/**
 * @param {Uint8Array | Uint8ClampedArray} data
 * @param {number} start Of the first row.
 * @param {number} pitch From row to row.
 * @param {Taps} taps
 * @param {number} row
 * @param {Float64Array} sums Of each column, overwritten.
 */
function addRows(data, start, pitch, { count, weights }, row, sums) {
  sums.fill(0);
  for (let tap = 0; tap < count; tap++) {
    const weight = weights[row * count + tap];
    const from = start + tap * pitch;
    if (weight !== 0) for (let i = 0; i < sums.length; i++) sums[i] += weight * data[from + i];
  }
}

/**
 * @param {Float64Array} from
 * @param {Taps} taps
 * @param {(column: number, red: number, green: number, blue: number) => void} write
 */
function writeRow(from, { first, count, weights }, write) {
  for (let column = 0; column < first.length; column++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let at = first[column] * 3;
    for (let tap = column * count; tap < (column + 1) * count; tap++, at += 3) {
      const weight = weights[tap];
      red += weight * from[at];
      green += weight * from[at + 1];
      blue += weight * from[at + 2];
    }
    write(column, red, green, blue);
  }
}
