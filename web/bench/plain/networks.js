/** What runs a description of layers and their numbers, by the kind of network. */

import { ConvolutionalNetwork } from "./convolutional.js";
import { SegmentedNetwork } from "./segmented.js";

/**
 * @typedef {import("../../shared/protocol.js").Tensor} Tensor
 * @typedef {import("./convolutional.js").NetworkDescription | import("./segmented.js").WeightsDescription} Description What
 *   `weights.json` holds; `web/bench/weights/` writes it.
 *
 * @typedef {object} PlainNetwork
 * @property {(features: Tensor, segments: Int32Array) => Promise<Tensor>} run From the model's one input to its one output.
 */

/**
 * @param {Description} description
 * @param {ArrayBuffer} bytes The file that `description.weights` names.
 * @returns {PlainNetwork}
 * @throws {RangeError} When the bytes aren't those that the description speaks of, or its kind is unknown.
 */
export function networkOf(description, bytes) {
  const { weights, size_bytes } = description;
  if (bytes.byteLength !== size_bytes)
    throw new RangeError(`${weights}: got ${bytes.byteLength} bytes, expected ${size_bytes}; build it again`);
  const numbers = new Float32Array(bytes);
  switch (description.kind) {
    case "perceptrons":
      return new SegmentedNetwork(description, numbers);
    case "convolutional":
      return new ConvolutionalNetwork(description, numbers);
    default:
      throw new RangeError(`got ${JSON.stringify(description)}, expected perceptrons or a convolutional network`);
  }
}
