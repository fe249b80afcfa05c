/**
 * A convolutional network on typed arrays: a list of layers, each of which reads values that stand before it.
 *
 * Images go through one at a time, channels first; memory is allocated once, and a value's is used again when nobody
 * reads it any more.
 */

import { convolution } from "./convolution.js";
import { roomFor } from "./pointwise.js";

/**
 * @typedef {import("../../shared/protocol.js").Tensor} Tensor
 * @typedef {import("./convolution.js").ConvolutionDescription} ConvolutionDescription
 *
 * @typedef {{kind: "add", from: number, other: number, floor: number | null, ceiling: number | null}} AddDescription A
 *   residual: value `other` added to value `from`.
 * @typedef {{kind: "average", from: number}} AverageDescription Of each channel.
 * @typedef {{kind: "softmax", from: number}} SoftmaxDescription Over all channels of single pixels.
 * @typedef {ConvolutionDescription | AddDescription | AverageDescription | SoftmaxDescription} LayerDescription Value 0 is
 *   the input, value n what layer n gives, counted from 1.
 *
 * @typedef {object} NetworkDescription What `weights.json` holds; `web/bench/weights/` writes it.
 * @property {"convolutional"} kind
 * @property {string} weights File name of the numbers: float32, little-endian.
 * @property {number} size_bytes Of that file.
 * @property {[number, number, number]} input Channels, rows, columns.
 * @property {LayerDescription[]} layers
 *
 * @typedef {{channels: number, size: [number, number]}} Shape
 * @typedef {(values: Float32Array[]) => void} Step
 */

export class ConvolutionalNetwork {
  /**
   * @param {NetworkDescription} description
   * @param {Float32Array} numbers
   */
  constructor({ input: [channels, rows, columns], layers }, numbers) {
    /** @type {Shape[]} */
    const shapes = [{ channels, size: [rows, columns] }];
    /** @type {Step[]} */
    this.steps = layers.map((layer, i) => {
      shapes.push(shapeAfter(layer, shapes));
      return stepOf(layer, numbers, shapes, i + 1);
    });
    /** Numbers of an image. */
    this.inputs = elements(shapes[0]);
    /** Numbers of an answer. */
    this.outputs = elements(shapes[layers.length]);
    /** Of each value; the input's place is taken by each image in turn. */
    this.values = allocate(layers, shapes);
  }

  /**
   * @param {Tensor} images (N, channels, rows, columns) float32.
   * @returns {Promise<Tensor>} (N, outputs) float32.
   */
  async run({ data, dims: [count] }) {
    const images = /** @type {Float32Array} */ (data);
    const answers = new Float32Array(count * this.outputs);
    const last = this.values[this.values.length - 1];
    for (let image = 0; image < count; image++) {
      this.values[0] = images.subarray(image * this.inputs, (image + 1) * this.inputs);
      for (const step of this.steps) step(this.values);
      answers.set(last.subarray(0, this.outputs), image * this.outputs);
    }
    return { data: answers, dims: [count, this.outputs] };
  }
}

/** @param {Shape} shape */
function elements({ channels, size: [rows, columns] }) {
  return channels * rows * columns;
}

/**
 * @param {LayerDescription} layer
 * @param {readonly Shape[]} shapes Of the values before it.
 * @returns {Shape}
 */
function shapeAfter(layer, shapes) {
  const { channels, size } = shapes[layer.from];
  switch (layer.kind) {
    case "convolution":
      return { channels: layer.outputs, size: placesOf(layer, size) };
    case "average":
      return { channels, size: [1, 1] };
    default:
      return { channels, size };
  }
}

/**
 * @param {ConvolutionDescription} layer
 * @param {[number, number]} size
 * @returns {[number, number]} How often the kernel fits, rows first.
 */
function placesOf({ kernel, stride, pads }, [rows, columns]) {
  return [
    Math.floor((rows + pads[0] + pads[2] - kernel[0]) / stride[0]) + 1,
    Math.floor((columns + pads[1] + pads[3] - kernel[1]) / stride[1]) + 1,
  ];
}

/**
 * @param {LayerDescription} layer
 * @param {Float32Array} numbers
 * @param {readonly Shape[]} shapes
 * @param {number} place Of the value that it gives.
 * @returns {Step}
 */
function stepOf(layer, numbers, shapes, place) {
  const { channels, size } = shapes[layer.from];
  switch (layer.kind) {
    case "convolution": {
      const kernel = convolution(layer, numbers, size);
      return (values) => kernel.run(values[layer.from], values[place]);
    }
    case "add":
      return (values) => add(layer, values[layer.from], values[layer.other], values[place], elements(shapes[place]));
    case "average":
      return (values) => average(values[layer.from], values[place], channels, size[0] * size[1]);
    case "softmax":
      return (values) => softmax(values[layer.from], values[place], channels);
    default:
      throw new RangeError(
        `layer ${place}: got ${JSON.stringify(layer)}, which this version does not know; build it again`,
      );
  }
}

/**
 * Memory of each value; one that has been read for the last time leaves its own to a later one of the same length.
 *
 * @param {readonly LayerDescription[]} layers
 * @param {readonly Shape[]} shapes
 * @returns {Float32Array[]}
 */
function allocate(layers, shapes) {
  /** @type {Map<number, Float32Array[]>} */
  const free = new Map();
  /** @type {Float32Array[]} */
  const values = [new Float32Array()];
  for (const [i, layer] of layers.entries()) {
    const length = roomFor(shapes[i + 1].channels, shapes[i + 1].size[0] * shapes[i + 1].size[1]);
    values.push(free.get(length)?.pop() ?? new Float32Array(length));
    for (const value of new Set(sourcesOf(layer))) {
      if (value === 0 || layers.slice(i + 1).some((later) => sourcesOf(later).includes(value))) continue;
      const memory = values[value];
      free.set(memory.length, [...(free.get(memory.length) ?? []), memory]);
    }
  }
  return values;
}

/** @param {LayerDescription} layer */
function sourcesOf(layer) {
  return layer.kind === "add" ? [layer.from, layer.other] : [layer.from];
}

/**
 * @param {AddDescription} layer
 * @param {Float32Array} from
 * @param {Float32Array} other
 * @param {Float32Array} to
 * @param {number} count
 */
function add({ floor, ceiling }, from, other, to, count) {
  const [low, high] = [floor ?? Number.NEGATIVE_INFINITY, ceiling ?? Number.POSITIVE_INFINITY];
  for (let i = 0; i < count; i++) to[i] = Math.min(Math.max(from[i] + other[i], low), high);
}

/**
 * @param {Float32Array} from (channels, pixels).
 * @param {Float32Array} to (channels,).
 * @param {number} channels
 * @param {number} pixels
 */
function average(from, to, channels, pixels) {
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    for (let pixel = 0; pixel < pixels; pixel++) sum += from[at++];
    to[channel] = sum / pixels;
  }
}

/**
 * @param {Float32Array} from
 * @param {Float32Array} to Adds up to 1.
 * @param {number} count
 */
function softmax(from, to, count) {
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) highest = Math.max(highest, from[i]);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    to[i] = Math.exp(from[i] - highest);
    sum += to[i];
  }
  for (let i = 0; i < count; i++) to[i] /= sum;
}
