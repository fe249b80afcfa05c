/** The worker that measures one model: it holds ORT, the model and its feeds, and runs by its own clock, no message in between. */

import { download } from "../../shared/download.js";
import { ForeshoreError } from "../../shared/errors.js";
import { unreachable } from "../../shared/protocol.js";
import { Service } from "../../shared/service.js";
import { buffersOf } from "../../shared/tensors.js";
import { now_ms, spanSince } from "../../worker/clock.js";
import { configure, Model } from "../../worker/ort.js";
import { blankModel } from "./blank.js";
import { watchMemory } from "./memory.js";

/**
 * @typedef {import("../../shared/protocol.js").FeedVariant} FeedVariant
 * @typedef {import("../../shared/protocol.js").OpenVariant} OpenVariant
 * @typedef {import("../../shared/protocol.js").Tensors} Tensors
 * @typedef {import("../../shared/protocol.js").TimeVariant} TimeVariant
 * @typedef {import("../../shared/protocol.js").VariantRequest} VariantRequest
 * @typedef {import("../../shared/service.js").Reply} Reply
 */

/** @type {Model | null} */
let model = null;
/** @type {Tensors | null} */
let feeds = null;
const memory = watchMemory();

const service = new Service(
  /**
   * @param {VariantRequest & {id: number}} request
   * @returns {Promise<Reply>}
   */
  async (request) => {
    switch (request.type) {
      case "open_variant":
        return openVariant(request);
      case "feed_variant":
        return feedVariant(request);
      case "time_variant":
        return timeVariant(request);
      case "weigh_variant":
        return { value: memory() };
      default:
        return unreachable(request);
    }
  },
);

const listen = service.listener(self);
self.onmessage = ({ data }) => listen(data);

/**
 * @param {OpenVariant} request
 * @returns {Promise<Reply>}
 */
async function openVariant(request) {
  // The module script is only checked here; ORT imports it by its URL, which the browser's cache answers.
  const wanted = [request.wasm, request.model, request.module];
  const [wasm, bytes] = await Promise.all(wanted.map((file) => download(file, globalThis)));
  configure({ wasm, module: request.module.url, threads: request.threads });
  const start_ms = now_ms();
  await Model.load(blankModel(), request.provider);
  const runtime_start = spanSince(start_ms);
  const runtime = memory();
  const load_ms = now_ms();
  model = await Model.load(bytes, request.provider);
  const model_load = spanSince(load_ms);
  const spans = { runtime_start, model_load };
  return { value: { threads: model.threads, spans, memory: { runtime, loaded: memory() } } };
}

/**
 * @param {FeedVariant} request
 * @returns {Promise<Reply>}
 */
async function feedVariant(request) {
  feeds = request.feeds;
  const outputs = await opened().run(feeds);
  return { value: { outputs }, transfer: buffersOf(outputs) };
}

/**
 * @param {TimeVariant} request
 * @returns {Promise<Reply>}
 */
async function timeVariant({ warm_ups, samples, calls }) {
  if (!feeds) throw new ForeshoreError("model", "got a time_variant before feeds; send feed_variant first");
  await time(opened(), feeds, warm_ups);
  const samples_ms = [];
  for (let i = 0; i < samples; i++) samples_ms.push((await time(opened(), feeds, calls)) / calls);
  return { value: { samples_ms } };
}

/**
 * @param {Model} model
 * @param {Tensors} feeds
 * @param {number} calls One after the other.
 * @returns {Promise<number>} Milliseconds of all.
 */
async function time(model, feeds, calls) {
  const start = performance.now();
  for (let call = 0; call < calls; call++) await model.run(feeds);
  return performance.now() - start;
}

function opened() {
  if (!model) throw new ForeshoreError("model", "got a request before a model was opened; send open_variant first");
  return model;
}
