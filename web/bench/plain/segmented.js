/** The networks of a pipeline whose segments may have one of their own: each row is answered by its segment's. */

import { routed } from "../../shared/segments.js";
import { runByModel } from "../../shared/tensors.js";
import { Network } from "./network.js";

/**
 * @typedef {import("../../shared/protocol.js").Tensor} Tensor
 * @typedef {import("./network.js").LayerDescription} LayerDescription
 *
 * @typedef {object} WeightsDescription What `weights.json` holds; `web/bench/weights/` writes it.
 * @property {"perceptrons"} kind
 * @property {string} weights File name of the numbers: float32, little-endian.
 * @property {number} size_bytes Of that file.
 * @property {LayerDescription[][]} networks The first answers wherever no segment has one of its own.
 * @property {number[]} routes Which of them answers, by code of the segment field.
 */

export class SegmentedNetwork {
  /**
   * @param {WeightsDescription} description
   * @param {Float32Array} numbers
   */
  constructor({ networks, routes }, numbers) {
    this.networks = networks.map((layers) => new Network(layers, numbers));
    this.routes = routes;
  }

  /**
   * @param {Tensor} features (rows, inputs) float32.
   * @param {Int32Array} segments The segment field's codes, one a row.
   * @returns {Promise<Tensor>} (rows, 1) float32.
   */
  async run(features, segments) {
    const models = routed(segments, this.routes);
    const { answers } = await runByModel(
      async (model, feeds) => ({ answers: answered(this.networks[model], feeds.features) }),
      { features },
      models,
    );
    return answers;
  }
}

/**
 * @param {Network} network
 * @param {Tensor} features
 * @returns {Tensor}
 */
function answered(network, { data, dims: [rows] }) {
  const answers = new Float32Array(rows);
  network.run(/** @type {Float32Array} */ (data), rows, answers);
  return { data: answers, dims: [rows, 1] };
}
