/** The worker that runs models: one, or one for each of several segments. It serves the page, and the Python and batch workers over ports of their own. */

import { ForeshoreError } from "../shared/errors.js";
import { unreachable } from "../shared/protocol.js";
import { routed } from "../shared/segments.js";
import { Service } from "../shared/service.js";
import { buffersOf, runByModel } from "../shared/tensors.js";
import { now_ms, Stopwatch, spanSince } from "./clock.js";
import { Files } from "./files.js";
import { configure, Model } from "./ort.js";
import { Reporter } from "./reporter.js";

/**
 * @typedef {import("../shared/protocol.js").OpenModel} OpenModel
 * @typedef {import("../shared/protocol.js").ModelRequest} ModelRequest
 * @typedef {import("../shared/protocol.js").Run} Run
 * @typedef {import("../shared/service.js").Port} Port
 * @typedef {import("../shared/service.js").Reply} Reply
 */

/** @type {{models: Model[], routes: number[]} | null} */
let opened = null;

const service = new Service(
  /**
   * @param {ModelRequest & {id: number}} request
   * @param {Port} port
   * @returns {Promise<Reply>}
   */
  async (request, port) => {
    switch (request.type) {
      case "open_model":
        return openModel(request, port);
      case "serve_port":
        serve(request.port);
        return { value: {} };
      case "run":
        return run(request);
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
  const [wasm, , ...models] = await watch.time(
    "model_download",
    // The module script is only checked here; ORT imports it by its URL, which the browser's cache answers.
    Promise.all([request.wasm, request.module, ...request.models].map((wanted) => files.get(wanted))),
  );
  files.forget();
  configure({ wasm, module: request.module.url, threads: request.threads });
  const loaded = await watch.time("model_start", loadAll(models, request.provider));
  await watch.time("model_warm_up", warmUp(loaded));
  opened = { models: loaded, routes: request.routes };
  return { value: { threads: loaded[0].threads, provider: request.provider, spans: watch.spans } };
}

/**
 * @param {Uint8Array[]} models
 * @param {"wasm" | "webgpu"} provider
 */
async function loadAll(models, provider) {
  const loaded = [];
  for (const bytes of models) loaded.push(await Model.load(bytes, provider));
  return loaded;
}

/** @param {Model[]} models */
async function warmUp(models) {
  for (const model of models) await model.warmUp();
}

/**
 * @param {Run} request
 * @returns {Promise<Reply>}
 */
async function run({ feeds, segments = new Int32Array() }) {
  if (!opened) throw new ForeshoreError("model", "got a run before a model was opened; send open_model first");
  const { models, routes } = opened;
  const start_ms = now_ms();
  const places = routed(segments, routes);
  const outputs = await runByModel((place, part) => models[place].run(part), feeds, places);
  const spans = { run: spanSince(start_ms) };
  return { value: { outputs, spans }, transfer: buffersOf(outputs) };
}
