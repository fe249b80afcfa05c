/** The worker that runs the network in plain JavaScript. It takes the same `run` as the ORT worker. */

import { download, parseJson } from "../../shared/download.js";
import { ForeshoreError } from "../../shared/errors.js";
import { unreachable } from "../../shared/protocol.js";
import { Service } from "../../shared/service.js";
import { now_ms, spanSince } from "../../worker/clock.js";
import { Network } from "../plain/network.js";

/**
 * @typedef {import("../../shared/protocol.js").NetworkRequest} NetworkRequest
 * @typedef {import("../../shared/protocol.js").OpenNetwork} OpenNetwork
 * @typedef {import("../../shared/protocol.js").Tensors} Tensors
 * @typedef {import("../../shared/service.js").Reply} Reply
 * @typedef {import("../plain/network.js").NetworkDescription} NetworkDescription
 */

/** @type {{network: Network, output: string} | null} */
let opened = null;

const service = new Service(
  /**
   * @param {NetworkRequest & {id: number}} request
   * @returns {Promise<Reply>}
   */
  async (request) => {
    switch (request.type) {
      case "open_network":
        return openNetwork(request);
      case "run":
        return run(request.feeds);
      default:
        return unreachable(request);
    }
  },
);

const listen = service.listener(self);
self.onmessage = ({ data }) => listen(data);

/**
 * @param {OpenNetwork} request
 * @returns {Promise<Reply>}
 */
async function openNetwork({ description, weights, output }) {
  const [text, bytes] = await Promise.all([download(description, globalThis), download(weights, globalThis)]);
  const start_ms = now_ms();
  const described = /** @type {NetworkDescription} */ (parseJson(text, description.url, globalThis));
  opened = { network: new Network(described, bytes.buffer), output };
  return { value: { spans: { model_start: spanSince(start_ms) } } };
}

/**
 * @param {Tensors} feeds One tensor, (N, F) float32.
 * @returns {Reply}
 */
function run(feeds) {
  if (!opened) throw new ForeshoreError("model", "got a run before a network was opened; send open_network first");
  const [{ data, dims }] = Object.values(feeds);
  const start_ms = now_ms();
  const answers = new Float32Array(dims[0]);
  opened.network.run(/** @type {Float32Array} */ (data), dims[0], answers);
  const spans = { run: spanSince(start_ms) };
  const outputs = { [opened.output]: { data: answers, dims: [dims[0], 1] } };
  return { value: { outputs, spans }, transfer: [answers.buffer] };
}
