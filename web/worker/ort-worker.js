/** The worker that runs models. It serves the page, and the Python worker over a port of its own. */

import { ForeshoreError } from "../shared/errors.js";
import { unreachable } from "../shared/protocol.js";
import { Service } from "../shared/service.js";
import { now_ms, Stopwatch, spanSince } from "./clock.js";
import { Files } from "./files.js";
import { configure, Model } from "./ort.js";
import { Reporter } from "./reporter.js";

/**
 * @typedef {import("../shared/protocol.js").OpenModel} OpenModel
 * @typedef {import("../shared/protocol.js").ModelRequest} ModelRequest
 * @typedef {import("../shared/protocol.js").Tensors} Tensors
 * @typedef {import("../shared/service.js").Port} Port
 * @typedef {import("../shared/service.js").Reply} Reply
 */

/** @type {Model | null} */
let model = null;

const service = new Service(
  /**
   * @param {ModelRequest & {id: number}} request
   * @param {Port} port
   * @returns {Promise<Reply>}
   */
  (request, port) => {
    switch (request.type) {
      case "open_model":
        return openModel(request, port);
      case "run":
        return run(request.feeds);
      default:
        return unreachable(request);
    }
  },
);

const listen = service.listener(self);
self.onmessage = ({ data }) => {
  if (data.type === "open_model" && data.python_port) serve(data.python_port);
  listen(data);
};

/** @param {MessagePort} port */
function serve(port) {
  const answer = service.listener(port);
  port.onmessage = ({ data }) => answer(data);
}

/**
 * @param {OpenModel} request
 * @param {Port} port
 * @returns {Promise<Reply>}
 */
async function openModel(request, port) {
  const reporter = new Reporter(port);
  const watch = new Stopwatch(reporter);
  const files = new Files(globalThis, (loaded, total) => reporter.downloaded("model_download", loaded, total));
  const [wasm, bytes] = await watch.time(
    "model_download",
    // The module script is only checked here; ORT imports it by its URL, which the browser's cache answers.
    Promise.all([files.get(request.wasm), files.get(request.model), files.get(request.module)]),
  );
  configure({ wasm, module: request.module.url, threads: request.threads });
  model = await watch.time("model_start", Model.load(bytes, request.provider));
  await watch.time("model_warm_up", model.warmUp());
  return { value: { threads: model.threads, provider: request.provider, spans: watch.spans } };
}

/**
 * @param {Tensors} feeds
 * @returns {Promise<Reply>}
 */
async function run(feeds) {
  if (!model) throw new ForeshoreError("model", "got a run before a model was opened; send open_model first");
  const start_ms = now_ms();
  const outputs = await model.run(feeds);
  const spans = { run: spanSince(start_ms) };
  return { value: { outputs, spans }, transfer: Object.values(outputs).map((tensor) => tensor.data.buffer) };
}
