/**
 * A convolution of each channel with a kernel of its own.
 *
 * A row of sums takes in the kernel row by row, so that its three or five weights are local variables: going over a whole
 * kernel at every place took five times as long.
 */

import { Border } from "./border.js";

/**
 * @typedef {object} DepthwiseWeights
 * @property {number} channels
 * @property {Float32Array} weights (channels, kernel rows, kernel columns).
 * @property {Float32Array} bias One a channel.
 * @property {number} floor What values are raised to, and
 * @property {number} ceiling lowered to.
 */

export class Depthwise {
  /**
   * @param {DepthwiseWeights} weights
   * @param {import("./border.js").Window} window
   */
  constructor({ channels, weights, bias, floor, ceiling }, window) {
    this.channels = channels;
    this.weights = Float64Array.from(weights);
    this.bias = bias;
    this.floor = floor;
    this.ceiling = ceiling;
    this.kernel = window.kernel;
    this.stride = window.stride;
    this.border = new Border(window);
    /** Of the row that is being made. */
    this.sums = new Float64Array(this.border.places[1]);
  }

  /**
   * @param {Float32Array} from (channels, rows, columns).
   * @param {Float32Array} to (channels, places of the kernel).
   */
  run(from, to) {
    const { height, width, places } = this.border;
    for (let channel = 0; channel < this.channels; channel++) {
      this.border.fill(from, channel * height * width);
      for (let row = 0; row < places[0]; row++) this.#runRow(channel, row, to);
    }
  }

  /**
   * @param {number} channel
   * @param {number} row Of the kernel's places.
   * @param {Float32Array} to
   */
  #runRow(channel, row, to) {
    const { kernel, stride, border, sums, weights, floor, ceiling } = this;
    const [rows, columns] = kernel;
    sums.fill(this.bias[channel]);
    for (let tap = 0; tap < rows; tap++) {
      const at = (row * stride[0] + tap) * border.pitch;
      addTaps(sums, border.plane, at, stride[1], weights, (channel * rows + tap) * columns, columns);
    }
    const target = (channel * border.places[0] + row) * sums.length;
    for (let i = 0; i < sums.length; i++) to[target + i] = Math.min(Math.max(sums[i], floor), ceiling);
  }
}

/**
 * One row of a kernel at every place of a row.
 *
 * @param {Float64Array} sums
 * @param {Float64Array} plane
 * @param {number} at Where the row starts in the plane.
 * @param {number} stride
 * @param {Float64Array} weights
 * @param {number} first Of the row's weights.
 * @param {number} count Of them.
 */
function addTaps(sums, plane, at, stride, weights, first, count) {
  if (count === 3) addThree(sums, plane, at, stride, weights, first);
  else if (count === 5) addFive(sums, plane, at, stride, weights, first);
  else for (let tap = 0; tap < count; tap++) addOne(sums, plane, at + tap, stride, weights[first + tap]);
}

/**
 * @param {Float64Array} sums
 * @param {Float64Array} plane
 * @param {number} at
 * @param {number} stride
 * @param {number} weight
 */
function addOne(sums, plane, at, stride, weight) {
  for (let i = 0; i < sums.length; i++, at += stride) sums[i] += plane[at] * weight;
}

/**
 * @param {Float64Array} sums
 * @param {Float64Array} plane
 * @param {number} at
 * @param {number} stride
 * @param {Float64Array} weights
 * @param {number} first
 */
function addThree(sums, plane, at, stride, weights, first) {
  const w0 = weights[first];
  const w1 = weights[first + 1];
  const w2 = weights[first + 2];
  for (let i = 0; i < sums.length; i++, at += stride)
    sums[i] += plane[at] * w0 + plane[at + 1] * w1 + plane[at + 2] * w2;
}

/**
 * @param {Float64Array} sums
 * @param {Float64Array} plane
 * @param {number} at
 * @param {number} stride
 * @param {Float64Array} weights
 * @param {number} first
 */
function addFive(sums, plane, at, stride, weights, first) {
  const w0 = weights[first];
  const w1 = weights[first + 1];
  const w2 = weights[first + 2];
  const w3 = weights[first + 3];
  const w4 = weights[first + 4];
  for (let i = 0; i < sums.length; i++, at += stride)
    sums[i] += plane[at] * w0 + plane[at + 1] * w1 + plane[at + 2] * w2 + plane[at + 3] * w3 + plane[at + 4] * w4;
}
