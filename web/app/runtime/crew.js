/** The two workers behind one opened pipeline. */

import { Calls } from "../../shared/calls.js";
import { ForeshoreError } from "../../shared/errors.js";

/**
 * @typedef {import("../../shared/protocol.js").ProgressNotice} ProgressNotice
 * @typedef {import("./plan.js").Plan} Plan
 */

/** A Python worker and an ORT worker that live and die together. */
export class Crew {
  #workers;

  /**
   * @param {Plan["workers"]} urls
   * @param {(notice: ProgressNotice) => void} onProgress
   */
  constructor(urls, onProgress) {
    const python = new Worker(urls.python, { type: "module", name: "foreshore-python" });
    const model = new Worker(urls.model, { type: "module", name: "foreshore-model" });
    this.#workers = [python, model];
    const listeners = { onProgress, onFailure: (/** @type {ForeshoreError} */ error) => this.end(error) };
    this.python = new Calls(python, listeners);
    this.model = new Calls(model, listeners);
    listen(python, urls.python, this.python);
    listen(model, urls.model, this.model);
  }

  /**
   * Start Python and the model at once, joined by a channel of their own.
   *
   * @param {Plan} plan
   * @param {AbortSignal} [signal]
   */
  async open(plan, signal) {
    const { port1, port2 } = new MessageChannel();
    const [python, model] = await Promise.all([
      this.python.call({ ...plan.python, model_port: port1 }, { signal, transfer: [port1] }),
      this.model.call({ ...plan.model, python_port: port2 }, { signal, transfer: [port2] }),
    ]);
    return { python, model };
  }

  /**
   * Stop both workers, which frees all they hold; what waits is rejected with `error`.
   *
   * @param {ForeshoreError} error
   */
  end(error) {
    for (const worker of this.#workers) worker.terminate();
    this.python.fail(error);
    this.model.fail(error);
  }
}

/**
 * @param {Worker} worker
 * @param {string} url
 * @param {Calls} calls
 */
function listen(worker, url, calls) {
  worker.onmessage = ({ data }) => calls.receive(data);
  worker.onmessageerror = () => calls.fail(crashed(url, "a message could not be read"));
  worker.onerror = (event) => {
    event.preventDefault();
    calls.fail(event.message ? crashed(url, event.message) : notLoaded(url));
  };
}

/**
 * @param {string} url
 * @param {string} reason
 */
function crashed(url, reason) {
  return new ForeshoreError("internal", `${url}: the worker crashed (${reason}); open the pipeline again`);
}

/** @param {string} url */
function notLoaded(url) {
  const advice = "check the connection, and that the site is complete and its headers allow workers";
  return new ForeshoreError("network", `${url}: the worker's script could not be loaded; ${advice}`);
}
