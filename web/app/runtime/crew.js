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
  /** @type {ReturnType<typeof hire> | null} */
  #windows = null;
  #onProgress;
  #isExpendable;

  /**
   * @param {(notice: ProgressNotice) => void} onProgress
   * @param {() => boolean} [isExpendable] Asked where a worker is lost: whether there is somebody else to answer, and nothing is
   *   lost that only those workers knew. By default a crew ends with any of them.
   */
  constructor(onProgress, isExpendable = () => false) {
    this.#onProgress = onProgress;
    this.#isExpendable = isExpendable;
    /** @type {Calls | null} */
    this.python = null;
    /**
     * Why there is nobody to run the pipeline here; null as long as there is.
     *
     * @type {ForeshoreError | null}
     */
    this.failure = null;
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
  async open({ workers, ...plan }, signal) {
    this.#life.signal.throwIfAborted();
    const listeners = {
      onProgress: this.#onProgress,
      onFailure: (/** @type {ForeshoreError} */ error) => this.#lose(error),
    };
    const hired = (/** @type {string} */ url, /** @type {string} */ name) => {
      this.#hired.push(hire(url, name, listeners));
      return /** @type {ReturnType<typeof hire>} */ (this.#hired.at(-1)).calls;
    };
    const calls = {
      python: workers.python === null ? null : hired(workers.python, PYTHON),
      model: hired(workers.model, "foreshore-model"),
    };
    this.python = calls.python;
    if (!calls.python || !plan.python)
      return { calls, python: null, model: await calls.model.call(plan.model, { signal }) };
    const { port1, port2 } = new MessageChannel();
    const [python, model] = await Promise.all([
      calls.python.call({ ...plan.python, model_port: port1 }, { signal, transfer: [port1] }),
      calls.model.call({ ...plan.model, python_port: port2 }, { signal, transfer: [port2] }),
    ]);
    return { calls, python, model };
  }

  /**
   * The Python worker; started now, where the model has done without it so far. If it does not start, the model stays as
   * it is, and the next call tries again; once started, the crew dies with it, since windows die with it.
   *
   * @param {NonNullable<Plan["windows"]>} later
   * @returns {Promise<Calls>}
   */
  async startPython({ worker, python }) {
    if (this.python) return this.python;
    const onFailure = (/** @type {ForeshoreError} */ error) => this.python === hired.calls && this.end(error);
    const hired = hire(worker, PYTHON, { onFailure });
    this.#windows = hired;
    try {
      await hired.calls.call(python);
    } catch (error) {
      hired.worker.terminate();
      throw error;
    }
    this.python = hired.calls;
    return hired.calls;
  }

  /**
   * Let those go who run the pipeline, which frees all they hold; what waits for them is rejected with `error`. Windows beside a graph
   * stay.
   *
   * @param {ForeshoreError} error
   */
  dismiss(error) {
    this.failure ??= error;
    if (this.#windows === null) this.python = null;
    for (const { worker, calls } of this.#hired.splice(0)) {
      worker.terminate();
      calls.fail(error);
    }
  }

  /**
   * Stop all workers, which frees all they hold; what waits is rejected with `error`.
   *
   * @param {ForeshoreError} error
   */
  end(error) {
    this.#life.abort(error);
    this.dismiss(error);
    this.#windows?.worker.terminate();
    this.#windows?.calls.fail(error);
  }

  /** @param {ForeshoreError} error */
  #lose(error) {
    if (this.failure) return;
    if (this.#isExpendable()) this.dismiss(error);
    else this.end(error);
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
