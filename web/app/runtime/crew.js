/** The workers behind one opened pipeline. */

import { Calls } from "../../shared/calls.js";
import { ForeshoreError } from "../../shared/errors.js";

/**
 * @typedef {import("../../shared/protocol.js").ProgressNotice} ProgressNotice
 * @typedef {import("./plan.js").Plan} Plan
 */

/** An ORT worker, and a Python worker where the plan asks for one, that live and die together. */
export class Crew {
  #workers;

  /**
   * @param {Plan["workers"]} urls
   * @param {(notice: ProgressNotice) => void} onProgress
   */
  constructor(urls, onProgress) {
    const listeners = { onProgress, onFailure: (/** @type {ForeshoreError} */ error) => this.end(error) };
    const python = urls.python === null ? null : hire(urls.python, "foreshore-python", listeners);
    const model = hire(urls.model, "foreshore-model", listeners);
    this.#workers = python ? [python.worker, model.worker] : [model.worker];
    this.python = python?.calls ?? null;
    this.model = model.calls;
  }

  /**
   * Start what the plan asks for; Python and the model at once, joined by a channel of their own.
   *
   * @param {Plan} plan
   * @param {AbortSignal} [signal]
   */
  async open(plan, signal) {
    if (!this.python || !plan.python) return { python: null, model: await this.model.call(plan.model, { signal }) };
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
    this.python?.fail(error);
    this.model.fail(error);
  }
}

/**
 * One worker that speaks the protocol.
 *
 * @param {string} url Of its script.
 * @param {string} name
 * @param {ConstructorParameters<typeof Calls>[1]} [listeners]
 */
export function hire(url, name, listeners) {
  const worker = new Worker(url, { type: "module", name });
  const calls = new Calls(worker, listeners);
  worker.onmessage = ({ data }) => calls.receive(data);
  worker.onmessageerror = () => calls.fail(crashed(url, "a message could not be read"));
  worker.onerror = (event) => {
    event.preventDefault();
    calls.fail(event.message ? crashed(url, event.message) : notLoaded(url));
  };
  return { worker, calls };
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
