/**
 * A multilayer perceptron on typed arrays.
 *
 * Rows go through all layers in blocks, which keeps a block's activations in the first-level cache; scratch memory is
 * allocated once.
 */

import { dense, PANEL, packPanels, paddedWidth } from "./dense.js";

/**
 * @typedef {object} LayerDescription
 * @property {number} inputs
 * @property {number} outputs
 * @property {"relu" | "none"} activation
 * @property {number} weights_offset In float32 elements; inputs x outputs, row-major.
 * @property {number} bias_offset In float32 elements; one an output.
 */

/** @typedef {import("./dense.js").Layer} Layer */

const BLOCK_ROWS = 32;

/**
 * @param {LayerDescription} description
 * @param {Float32Array} numbers
 * @param {number} stride
 * @returns {Layer}
 */
function readLayer({ inputs, outputs, activation, weights_offset, bias_offset }, numbers, stride) {
  const padded = paddedWidth(outputs);
  const bias = new Float32Array(padded);
  bias.set(numbers.subarray(bias_offset, bias_offset + outputs));
  const weights = numbers.subarray(weights_offset, weights_offset + inputs * outputs);
  const floor = activation === "relu" ? 0 : Number.NEGATIVE_INFINITY;
  return { inputs, stride, outputs: padded, panels: packPanels(weights, inputs, outputs), bias, floor };
}

/** A chain of dense layers whose last one has a single output. */
export class Network {
  /**
   * @param {LayerDescription[]} layers
   * @param {Float32Array} numbers
   */
  constructor(layers, numbers) {
    this.layers = layers.map((layer, i) =>
      readLayer(layer, numbers, i === 0 ? layer.inputs : paddedWidth(layer.inputs)),
    );
    /** @type {number} Features of a row. */
    this.inputs = layers[0].inputs;
    this.scratch = this.layers.map((layer) => new Float32Array(BLOCK_ROWS * layer.outputs));
  }

  /**
   * @param {Float32Array} features (rows, inputs).
   * @param {number} rows
   * @param {Float32Array} answers Receives one number a row.
   */
  run(features, rows, answers) {
    for (let start = 0; start < rows; start += BLOCK_ROWS)
      this.#runBlock(features, start, Math.min(BLOCK_ROWS, rows - start), answers);
  }

  /**
   * @param {Float32Array} features
   * @param {number} start First row.
   * @param {number} rows At most BLOCK_ROWS.
   * @param {Float32Array} answers
   */
  #runBlock(features, start, rows, answers) {
    let from = features;
    let offset = start * this.inputs;
    for (let i = 0; i < this.layers.length; i++) {
      dense(this.layers[i], from, offset, rows, this.scratch[i]);
      from = this.scratch[i];
      offset = 0;
    }
    for (let row = 0; row < rows; row++) answers[start + row] = from[row * PANEL];
  }
}
