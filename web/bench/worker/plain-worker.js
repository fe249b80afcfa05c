/** The worker that runs networks in plain JavaScript. It takes the same `run` as the ORT worker. */

import { download, parseJson } from "../../shared/download.js";
import { ForeshoreError } from "../../shared/errors.js";
import { unreachable } from "../../shared/protocol.js";
import { Service } from "../../shared/service.js";
import { buffersOf } from "../../shared/tensors.js";
import { now_ms, spanSince } from "../../worker/clock.js";
import { networkOf } from "../plain/networks.js";

/**
 * @typedef {import("../../shared/protocol.js").NetworkRequest} NetworkRequest
 * @typedef {import("../../shared/protocol.js").OpenNetwork} OpenNetwork
 * @typedef {import("../../shared/service.js").Reply} Reply
 * @typedef {import("../../shared/protocol.js").Run} Run
 * @typedef {import("../plain/networks.js").Description} Description
 * @typedef {import("../plain/networks.js").PlainNetwork} PlainNetwork
 */

/** @type {{network: PlainNetwork, output: string} | null} */
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
        return run(request);
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
  const described = /** @type {Description} */ (parseJson(text, description.url, globalThis));
  opened = { network: networkOf(described, bytes.buffer), output };
  return { value: { spans: { model_start: spanSince(start_ms) } } };
}

/**
 * @param {Run} request One tensor, float32.
 * @returns {Promise<Reply>}
 */
async function run({ feeds, segments = new Int32Array() }) {
  if (!opened) throw new ForeshoreError("model", "got a run before a network was opened; send open_network first");
  const [features] = Object.values(feeds);
  const start_ms = now_ms();
  const outputs = { [opened.output]: await opened.network.run(features, segments) };
  return { value: { outputs, spans: { run: spanSince(start_ms) } }, transfer: buffersOf(outputs) };
}
