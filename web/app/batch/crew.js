// The workers behind the Batch page: one that reads and stores, there all the time, and those that answer, there from when a file is chosen.

import { ForeshoreError } from "../../shared/errors.js";
import { Progress } from "../../shared/progress.js";
import { hire } from "../runtime/crew.js";
import { planned } from "../runtime/plan.js";

/** @typedef {import("../../shared/jobs.js").Job} Job */
/** @typedef {import("../../shared/protocol.js").BatchQuestion} BatchQuestion */
/** @typedef {import("../../shared/protocol.js").Ground} Ground */
/** @typedef {import("../../shared/release.js").Release} Release */
/** @typedef {import("../runtime/plan.js").Plan} Plan */

/** What each part of starting takes of the whole, roughly in milliseconds of a fast connection. */
const MODEL_WEIGHTS = { model_download: 400, model_start: 300, model_warm_up: 20 };
const PYTHON_WEIGHTS = { python_download: 900, python_start: 900, python_packages: 500, pipeline: 400 };

/**
 * @typedef {object} Choice what answers
 * @property {string} pipeline
 * @property {string} variant
 * @property {"graph" | "python"} engine
 * @property {number} threads
 *
 * @typedef {object} Listening
 * @property {(job: Job) => void} onJob told how far a job is that runs
 * @property {(fraction: number) => void} onOpening told how far the models are that are to answer
 */

export class BatchCrew {
  /** @type {ReturnType<typeof hire> | null} */
  #batch = null;
  /** @type {({key: string, plan: Plan, opened: Promise<unknown>} & ReturnType<typeof hireAnswering>) | null} */
  #answering = null;
  #release;
  #base;
  #listening;

  /**
   * @param {Release} release
   * @param {string} base
   * @param {Listening} listening
   */
  constructor(release, base, listening) {
    this.#release = release;
    this.#base = base;
    this.#listening = listening;
  }

  /**
   * Ask the worker that stores.
   *
   * @template {BatchQuestion} R
   * @param {R} request
   */
  ask(request) {
    return this.#storing().calls.call(request);
  }

  /**
   * Take a job to its end, or until it is paused.
   *
   * @param {Job} job
   * @returns {Promise<import("../../shared/protocol.js").Results["run_job"]>}
   */
  async run(job) {
    if (job.release !== this.#release.id) throw otherRelease(job, this.#release);
    return this.#asking(job, (port, ground) =>
      this.#storing().calls.call({ type: "run_job", job: job.id, ground, port }, { transfer: [port] }),
    );
  }

  /**
   * How fast a model answers the first rows of a file.
   *
   * @param {Choice} choice
   * @param {{file: Blob, name: string, mapping: import("../../shared/matching.js").Mapping}} given
   * @param {number} runs
   * @returns {Promise<import("../../shared/protocol.js").Results["time_model"]>}
   */
  time(choice, given, runs) {
    return this.#asking(choice, (port, ground) =>
      this.#storing().calls.call({ type: "time_model", ...given, ground, port, runs }, { transfer: [port] }),
    );
  }

  #storing() {
    if (this.#batch === null) {
      const hired = hire(this.#base + this.#release.entry.batch_worker, "foreshore-batch", {
        onJob: this.#listening.onJob,
        onFailure: (error) => this.#dismiss(hired, error),
      });
      this.#batch = hired;
    }
    return this.#batch;
  }

  /**
   * @param {ReturnType<typeof hire>} hired What it has stored is whole; another goes on from there.
   * @param {ForeshoreError} error What all that waits for it is rejected with.
   */
  #dismiss(hired, error) {
    hired.worker.terminate();
    hired.calls.fail(error);
    if (this.#batch === hired) this.#batch = null;
  }

  /**
   * Open what will answer, so that nobody waits for it later; what answered before, if it is another, is let go.
   *
   * @param {Choice} choice
   * @returns {Promise<void>}
   */
  async prepare(choice) {
    await this.#answeringFor(choice).opened;
  }

  /** @param {Choice} choice */
  #answeringFor({ pipeline, variant, engine, threads }) {
    const key = JSON.stringify([pipeline, variant, engine, threads]);
    if (this.#answering?.key === key) return this.#answering;
    this.#answering?.end();
    const plan = planned(this.#release, this.#base, pipeline, { variant, engine, threads });
    const hired = hireAnswering(plan, this.#listening.onOpening);
    const answering = { key, plan, ...hired, opened: hired.open() };
    this.#answering = answering;
    const forget = () => {
      hired.end();
      if (this.#answering === answering) this.#answering = null;
    };
    answering.opened.catch(forget);
    answering.failed.then(forget);
    return answering;
  }

  /**
   * @template T
   * @param {Choice} choice
   * @param {(port: MessagePort, ground: Ground) => Promise<T>} act
   * @returns {Promise<T>}
   */
  async #asking(choice, act) {
    const { plan, opened, serve, failed } = this.#answeringFor(choice);
    await opened;
    const { port1, port2 } = new MessageChannel();
    await serve(port2);
    let waits = true;
    // Whoever answered is gone: nobody tells the one who asked, so that goes as well.
    const gone = failed.then((error) => {
      if (waits && this.#batch !== null) this.#dismiss(this.#batch, error);
      throw error;
    });
    return Promise.race([act(port1, groundOf(this.#release, plan)), gone]).finally(() => {
      waits = false;
    });
  }
}

/**
 * @param {Plan} plan
 * @param {(fraction: number) => void} onOpening
 */
function hireAnswering(plan, onOpening) {
  /** @type {(error: ForeshoreError) => void} */
  let onFailure = () => {};
  /** @type {Promise<ForeshoreError>} */
  const failed = new Promise((resolve) => {
    onFailure = resolve;
  });
  const progress = new Progress(plan.python ? { ...MODEL_WEIGHTS, ...PYTHON_WEIGHTS } : MODEL_WEIGHTS, onOpening);
  const listeners = {
    onProgress: (/** @type {import("../../shared/protocol.js").ProgressNotice} */ notice) => progress.take(notice),
    onFailure: (/** @type {ForeshoreError} */ error) => onFailure(error),
  };
  const model = hire(plan.workers.model, "foreshore-model", listeners);
  const python = plan.workers.python === null ? null : hire(plan.workers.python, "foreshore-python", listeners);
  return {
    failed,
    open: () => opened(plan, model, python),
    serve: (/** @type {MessagePort} */ port) =>
      (python ?? model).calls.call({ type: "serve_port", port }, { transfer: [port] }),
    end: () => {
      const error = new ForeshoreError("cancelled", "another model has been asked for meanwhile; begin again");
      for (const each of [model, python]) {
        each?.worker.terminate();
        each?.calls.fail(error);
      }
    },
  };
}

/**
 * @param {Plan} plan
 * @param {ReturnType<typeof hire>} model
 * @param {ReturnType<typeof hire> | null} python Asks the model's worker itself.
 */
async function opened(plan, model, python) {
  if (python === null || plan.python === null) return model.calls.call(plan.model);
  const { port1, port2 } = new MessageChannel();
  return Promise.all([
    python.calls.call({ ...plan.python, model_port: port1 }, { transfer: [port1] }),
    model.calls.call({ ...plan.model, python_port: port2 }, { transfer: [port2] }),
  ]);
}

/**
 * @param {Release} release
 * @param {Plan} plan
 * @returns {Ground}
 */
function groundOf(release, { pipeline, folders }) {
  const { contract, encoding, view = null } = pipeline;
  const { clock, segment } = contract;
  return { release: release.id, encoding, clock, segment, view, history: folders.history };
}

/**
 * @param {Job} job
 * @param {Release} release
 */
function otherRelease(job, release) {
  const got = `release: got ${release.id}, expected ${job.release}, with which this job was begun`;
  return new ForeshoreError("validation", `${got}; start it again with the release of now`, { field: "release" });
}
