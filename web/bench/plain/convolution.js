/** Convolutions of any shape, each by what is fastest for it: pixels alone, channels alone, or patches of both. */

import { Border } from "./border.js";
import { packPanels, paddedWidth } from "./dense.js";
import { Depthwise } from "./depthwise.js";
import { pointwise } from "./pointwise.js";

/**
 * @typedef {import("./border.js").Window} Window
 * @typedef {import("./pointwise.js").Pointwise} Pointwise
 *
 * @typedef {object} ConvolutionDescription
 * @property {"convolution"} kind
 * @property {number} from Value that it reads.
 * @property {number} inputs Channels.
 * @property {number} outputs Channels.
 * @property {number} groups Channels of one see nothing of the others.
 * @property {[number, number]} kernel Rows, columns.
 * @property {[number, number]} stride
 * @property {[number, number, number, number]} pads Above, to the left, below, to the right.
 * @property {number | null} floor What values are raised to; null for nothing.
 * @property {number | null} ceiling What they are lowered to.
 * @property {number} weights_offset In float32 elements; (groups, inputs of a group, kernel rows, kernel columns, outputs of
 *   a group).
 * @property {number} bias_offset In float32 elements; one an output.
 *
 * @typedef {{run(from: Float32Array, to: Float32Array): void}} Kernel
 */

/**
 * @param {ConvolutionDescription} description
 * @param {Float32Array} numbers
 * @param {[number, number]} size Rows and columns of its input.
 * @returns {Kernel}
 */
export function convolution(description, numbers, size) {
  const { inputs, outputs, groups, kernel, stride, pads } = description;
  const window = { size, kernel, stride, pads };
  if (groups === inputs && groups === outputs) return depthwise(description, numbers, window);
  const isPointwise = [...kernel, ...stride].every((each) => each === 1) && pads.every((each) => each === 0);
  if (groups === 1 && isPointwise) return new Pixels(weightsOf(description, numbers, 0, size[0] * size[1]));
  return new Patches(description, numbers, window);
}

/**
 * @param {ConvolutionDescription} description
 * @param {Float32Array} numbers
 * @param {Window} window
 */
function depthwise({ inputs, floor, ceiling, weights_offset, bias_offset }, numbers, window) {
  const [rows, columns] = window.kernel;
  const weights = {
    channels: inputs,
    weights: numbers.subarray(weights_offset, weights_offset + inputs * rows * columns),
    bias: numbers.subarray(bias_offset, bias_offset + inputs),
    floor: floor ?? Number.NEGATIVE_INFINITY,
    ceiling: ceiling ?? Number.POSITIVE_INFINITY,
  };
  return new Depthwise(weights, window);
}

/**
 * A group's weights, as a matrix product takes them.
 *
 * @param {ConvolutionDescription} description
 * @param {Float32Array} numbers
 * @param {number} group
 * @param {number} pixels
 * @returns {Pointwise}
 */
function weightsOf(description, numbers, group, pixels) {
  const { groups, kernel, floor, ceiling, weights_offset, bias_offset } = description;
  const inputs = (description.inputs / groups) * kernel[0] * kernel[1];
  const outputs = description.outputs / groups;
  const start = weights_offset + group * inputs * outputs;
  const bias = new Float32Array(paddedWidth(outputs));
  bias.set(numbers.subarray(bias_offset + group * outputs, bias_offset + (group + 1) * outputs));
  return {
    ...{ inputs, outputs, pixels, bias },
    panels: packPanels(numbers.subarray(start, start + inputs * outputs), inputs, outputs),
    floor: floor ?? Number.NEGATIVE_INFINITY,
    ceiling: ceiling ?? Number.POSITIVE_INFINITY,
  };
}

/** @implements {Kernel} */
class Pixels {
  /** @param {Pointwise} weights */
  constructor(weights) {
    this.weights = weights;
  }

  /**
   * @param {Float32Array} from
   * @param {Float32Array} to
   */
  run(from, to) {
    pointwise(this.weights, from, to);
  }
}

/**
 * What the kernel sees at each of its places, laid out as channels of their own: what is left is a matrix product.
 *
 * @implements {Kernel}
 * @see Chellapilla, Puri, Simard (2006), High performance convolutional neural networks for document processing.
 */
class Patches {
  /**
   * @param {ConvolutionDescription} description
   * @param {Float32Array} numbers
   * @param {Window} window
   */
  constructor(description, numbers, window) {
    const { inputs, groups } = description;
    this.border = new Border(window);
    this.window = window;
    const [rows, columns] = this.border.places;
    this.groups = Array.from({ length: groups }, (_, group) => weightsOf(description, numbers, group, rows * columns));
    /** Channels of a group. */
    this.channels = inputs / groups;
    this.patches = new Float32Array(this.groups[0].inputs * rows * columns);
  }

  /**
   * A group's last panel may write beyond its channels, where the next group or nobody stands.
   *
   * @param {Float32Array} from
   * @param {Float32Array} to
   */
  run(from, to) {
    for (const [group, weights] of this.groups.entries()) {
      this.#layOut(from, group);
      pointwise(weights, this.patches, to, group * weights.outputs * weights.pixels);
    }
  }

  /**
   * @param {Float32Array} from
   * @param {number} group
   */
  #layOut(from, group) {
    const { border, channels, window } = this;
    let target = 0;
    for (let channel = group * channels; channel < (group + 1) * channels; channel++) {
      border.fill(from, channel * border.height * border.width);
      for (let row = 0; row < window.kernel[0]; row++)
        for (let column = 0; column < window.kernel[1]; column++)
          target = this.#layOutTap(row * border.pitch + column, target);
    }
  }

  /**
   * @param {number} origin Of the kernel's tap in the plane, at its first place.
   * @param {number} target
   * @returns {number} The next target.
   */
  #layOutTap(origin, target) {
    const { patches, border, window } = this;
    const [rows, columns] = border.places;
    for (let row = 0; row < rows; row++) {
      let at = origin + row * window.stride[0] * border.pitch;
      for (let column = 0; column < columns; column++, at += window.stride[1]) patches[target++] = border.plane[at];
    }
    return target;
  }
}
