/** The worker that runs Python: validation, features, windows and decoding. It asks the ORT worker for the model's outputs. */

import { Calls } from "../shared/calls.js";
import { ForeshoreError } from "../shared/errors.js";
import { unreachable } from "../shared/protocol.js";
import { Service } from "../shared/service.js";
import { buffersOf } from "../shared/tensors.js";
import { now_ms, Stopwatch, spanSince } from "./clock.js";
import { Files } from "./files.js";
import { Python } from "./pyodide.js";
import { Reporter } from "./reporter.js";

/**
 * @typedef {import("../shared/protocol.js").OpenPython} OpenPython
 * @typedef {import("../shared/protocol.js").Predict} Predict
 * @typedef {import("../shared/protocol.js").PythonRequest} PythonRequest
 * @typedef {import("../shared/protocol.js").WindowsRequest} WindowsRequest
 * @typedef {import("../shared/service.js").Port} Port
 * @typedef {import("../shared/service.js").Reply} Reply
 */

/** @type {{python: Python, model: Calls | null} | null} */
let opened = null;

const service = new Service(
  /**
   * @param {PythonRequest & {id: number}} request
   * @param {Port} port
   * @returns {Promise<Reply>}
   */
  async (request, port) => {
    switch (request.type) {
      case "open_python":
        return openPython(request, port);
      case "serve_port":
        serve(request.port);
        return { value: {} };
      case "predict":
        return predict(request);
      default:
        return askWindows(python(request.type), request);
    }
  },
);

const listen = service.listener(self);
self.onmessage = ({ data }) => listen(data);

/** @param {MessagePort} port */
function serve(port) {
  const answer = service.listener(port);
  port.onmessage = ({ data }) => answer(data);
}

/**
 * @param {OpenPython} request
 * @param {Port} port
 * @returns {Promise<Reply>}
 */
async function openPython(request, port) {
  const reporter = new Reporter(port);
  const watch = new Stopwatch(reporter);
  const files = new Files(platform(), (loaded, total) => reporter.downloaded("python_download", loaded, total));
  const { python, contract } = await Python.open(request, files, watch);
  opened = { python, model: request.model_port ? callsOver(request.model_port) : null };
  return { value: { contract, spans: watch.spans } };
}

/**
 * @param {Predict} request
 * @returns {Promise<Reply>}
 */
async function predict({ type, records, images, first_row }) {
  const model = opened?.model;
  if (!model) throw notOpened(type);
  const asked_ms = now_ms();
  const { tensors: feeds, segments } = python(type).prepare(records, first_row, images);
  const prepare = spanSince(asked_ms);
  const transfer = buffersOf(feeds);
  const run = { type: /** @type {const} */ ("run"), feeds, segments };
  const { outputs, spans } = await model.call(run, { transfer });
  const answered_ms = now_ms();
  const answers = python(type).decode(outputs);
  return { value: { answers, spans: { prepare, ...spans, decode: spanSince(answered_ms) } } };
}

/**
 * @param {Python} python
 * @param {WindowsRequest} request
 * @returns {Reply}
 */
function askWindows(python, request) {
  switch (request.type) {
    case "fill":
      return { value: { records: python.fill(request.records, request.first_row) } };
    case "observe":
      return { value: { intake: python.observe(request.events) } };
    case "follow":
      return { value: { followed: python.follow(request.events, request.records, request.restart) } };
    case "save_windows":
      return { value: { state: python.saveWindows() } };
    case "restore_windows":
      python.restoreWindows(request.state);
      return { value: {} };
    case "restart_windows":
      python.restartWindows();
      return { value: {} };
    default:
      return unreachable(request);
  }
}

/**
 * @param {string} type Of the request that needs it.
 * @returns {Python}
 */
function python(type) {
  if (!opened) throw notOpened(type);
  return opened.python;
}

/** @param {string} type */
function notOpened(type) {
  return new ForeshoreError("internal", `got ${type} before a pipeline was opened for it; send open_python first`);
}

/** @param {MessagePort} port */
function callsOver(port) {
  const calls = new Calls(port);
  port.onmessage = ({ data }) => calls.receive(data);
  return calls;
}

/** What downloads need, taken before Python's gate closes over `fetch`. */
function platform() {
  return {
    fetch: globalThis.fetch.bind(globalThis),
    setTimeout: globalThis.setTimeout.bind(globalThis),
    clearTimeout: globalThis.clearTimeout.bind(globalThis),
    btoa: globalThis.btoa.bind(globalThis),
    TextDecoder,
    crypto,
  };
}
