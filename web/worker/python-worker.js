/** The worker that runs Python: validation, features and decoding. It asks the ORT worker for the model's outputs. */

import { Calls } from "../shared/calls.js";
import { ForeshoreError } from "../shared/errors.js";
import { unreachable } from "../shared/protocol.js";
import { Service } from "../shared/service.js";
import { now_ms, Stopwatch, spanSince } from "./clock.js";
import { Files } from "./files.js";
import { Python } from "./pyodide.js";
import { Reporter } from "./reporter.js";

/**
 * @typedef {import("../shared/protocol.js").OpenPython} OpenPython
 * @typedef {import("../shared/protocol.js").Predict} Predict
 * @typedef {import("../shared/protocol.js").PythonRequest} PythonRequest
 * @typedef {import("../shared/service.js").Port} Port
 * @typedef {import("../shared/service.js").Reply} Reply
 */

/** @type {{python: Python, model: Calls} | null} */
let opened = null;

const service = new Service(
  /**
   * @param {PythonRequest & {id: number}} request
   * @param {Port} port
   * @returns {Promise<Reply>}
   */
  (request, port) => {
    switch (request.type) {
      case "open_python":
        return openPython(request, port);
      case "predict":
        return predict(request);
      default:
        return unreachable(request);
    }
  },
);

const listen = service.listener(self);
self.onmessage = ({ data }) => listen(data);

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
  opened = { python, model: callsOver(request.model_port) };
  return { value: { contract, spans: watch.spans } };
}

/**
 * @param {Predict} request
 * @returns {Promise<Reply>}
 */
async function predict({ records, first_row }) {
  if (!opened) throw new ForeshoreError("internal", "got predict before a pipeline was opened; send open_python first");
  const { python, model } = opened;
  const asked_ms = now_ms();
  const feeds = python.prepare(records, first_row);
  const prepare = spanSince(asked_ms);
  const transfer = Object.values(feeds).map((tensor) => tensor.data.buffer);
  const { outputs, spans } = await model.call({ type: "run", feeds }, { transfer });
  const answered_ms = now_ms();
  const answers = python.decode(outputs);
  return { value: { answers, spans: { prepare, ...spans, decode: spanSince(answered_ms) } } };
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
