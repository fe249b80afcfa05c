/** The workers behind one opened pipeline. */

import { Calls } from "../../shared/calls.js";
import { ForeshoreError } from "../../shared/errors.js";

const PYTHON = "foreshore-python";

/**
 * @typedef {import("../../shared/protocol.js").ProgressNotice} ProgressNotice
 * @typedef {import("./plan.js").Plan} Plan
 */

/** An ORT worker, and a Python worker where one is asked for, that live and die together. */
export class Crew {
  #life = new AbortController();
  /** @type {ReturnType<typeof hire>[]} */
  #hired = [];
  #onFailure = (/** @type {ForeshoreError} */ error) => this.end(error);

  /**
   * @param {Plan["workers"]} urls
   * @param {(notice: ProgressNotice) => void} onProgress
   */
  constructor(urls, onProgress) {
    const listeners = { onProgress, onFailure: this.#onFailure };
    this.python = urls.python === null ? null : this.#hire(urls.python, PYTHON, listeners);
    this.model = this.#hire(urls.model, "foreshore-model", listeners);
  }

  /** Aborted at the end, by the error that everything is rejected with from then on. */
  get signal() {
    return this.#life.signal;
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
   * The Python worker; started now, where the model has done without it so far. If it does not start, the model stays as
   * it is, and the next call tries again; once started, it dies with the crew, since windows die with it.
   *
   * @param {NonNullable<Plan["windows"]>} later
   * @returns {Promise<Calls>}
   */
  async startPython({ worker, python }) {
    if (this.python) return this.python;
    const onFailure = (/** @type {ForeshoreError} */ error) => this.python === calls && this.end(error);
    const calls = this.#hire(worker, PYTHON, { onFailure });
    try {
      await calls.call(python);
    } catch (error) {
      this.#hired.pop()?.worker.terminate(); // the last one hired: starts are asked for one after the other
      throw error;
    }
    this.python = calls;
    return calls;
  }

  /**
   * Stop all workers, which frees all they hold; what waits is rejected with `error`.
   *
   * @param {ForeshoreError} error
   */
  end(error) {
    this.#life.abort(error);
    for (const { worker, calls } of this.#hired) {
      worker.terminate();
      calls.fail(error);
    }
  }

  /**
   * @param {string} url
   * @param {string} name
   * @param {ConstructorParameters<typeof Calls>[1]} listeners
   */
  #hire(url, name, listeners) {
    const hired = hire(url, name, listeners);
    this.#hired.push(hired);
    return hired.calls;
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
