/** An opened pipeline. */

import { ForeshoreError } from "../../shared/errors.js";
import { batches } from "../../shared/records.js";
import { invalid } from "./support.js";
import { now_ms, timingsSince } from "./timings.js";

/**
 * @typedef {import("../../shared/release.js").Contract} Contract
 * @typedef {import("../../shared/release.js").Variant} Variant
 * @typedef {import("./crew.js").Crew} Crew
 * @typedef {import("./engines.js").Engine} Engine
 * @typedef {import("./timings.js").Timings} Timings
 *
 * @typedef {import("../../generated/vocabulary.js").Wire} Wire
 * @typedef {Record<string, Wire>} Input One record: field name to wire value, as the contract says.
 *
 * @typedef {object} About What answers a prediction.
 * @property {string} release The release's id.
 * @property {string} variant The model's compressed form.
 * @property {"graph" | "python"} engine
 * @property {number} threads Threads that the model runs on.
 * @property {"wasm" | "webgpu"} provider What ran the model.
 *
 * @typedef {{[output: string]: number}} Outputs Output name to value, in the unit that the contract gives.
 * @typedef {{[output: string]: any} & About & {latency_ms: number}} Answer The outputs, and what gave them. `latency_ms`:
 *   from the call to its answer.
 */

/** Predicts on this device. Made by `open`; `close` it when it is no longer needed. */
export class Predictor {
  #crew;
  #engine;
  #about;

  /**
   * @param {Crew} crew
   * @param {Engine} engine
   * @param {About} about
   * @param {Contract} contract
   * @param {readonly Variant[]} variants
   * @param {Timings} timings
   */
  constructor(crew, engine, about, contract, variants, timings) {
    this.#crew = crew;
    this.#engine = engine;
    this.#about = Object.freeze(about);
    /** What goes in and what comes out. */
    this.contract = contract;
    /** Every compressed form of the model that the release holds. */
    this.variants = variants;
    /** Phases of opening, in milliseconds; those of Python, where it is used, and of the model overlap. */
    this.timings = timings;
    /**
     * Phases of the latest answered batch: "prepare" (checks and features), "run" (the model), "decode", and "total", which
     * holds the messages between page and workers too.
     *
     * @type {Timings | null}
     */
    this.lastCall = null;
  }

  /** The release's id. */
  get release() {
    return this.#about.release;
  }

  /** Name of the model's compressed form. */
  get variant() {
    return this.#about.variant;
  }

  /** How the pipeline runs. */
  get engine() {
    return this.#about.engine;
  }

  /** Threads that the model runs on; 1 where the page is not cross-origin isolated. */
  get threads() {
    return this.#about.threads;
  }

  /** What runs the model. */
  get provider() {
    return this.#about.provider;
  }

  /**
   * The answer for one record.
   *
   * @param {Input} record
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<Answer>} The outputs by name, and what gave them.
   * @throws {ForeshoreError} "validation" with every problem of the record, "model", "cancelled", "closed" after
   *   `close`, "internal" when a worker crashed.
   */
  async predict(record, { signal } = {}) {
    const start_ms = performance.now();
    const [outputs] = await this.#answers([record], 0, signal);
    return { ...outputs, ...this.#about, latency_ms: performance.now() - start_ms };
  }

  /**
   * Answers for many records, batch by batch, in their order. A batch with an invalid record is refused as a whole, and
   * ends the iteration; rows in errors count from the first of `rows`.
   *
   * @param {Iterable<Input> | AsyncIterable<Input>} rows
   * @param {object} [options]
   * @param {AbortSignal} [options.signal]
   * @param {number} [options.batchSize] Records a batch.
   * @returns {AsyncGenerator<{start: number, answers: Outputs[]}>} `start`: row of the batch's first answer.
   * @throws {ForeshoreError} As `predict`.
   */
  predictMany(rows, { signal, batchSize = 256 } = {}) {
    if (!Number.isInteger(batchSize) || batchSize < 1) throw invalid("batchSize", batchSize, "an integer from 1 on");
    return this.#batched(rows, batchSize, signal);
  }

  /**
   * Stop the workers and free their memory. What still waits is rejected with "closed".
   *
   * @returns {Promise<void>}
   */
  async close() {
    this.#crew.end(new ForeshoreError("closed", "the predictor was closed; open the pipeline again"));
  }

  /**
   * @param {Iterable<Input> | AsyncIterable<Input>} rows
   * @param {number} batchSize
   * @param {AbortSignal} [signal]
   */
  async *#batched(rows, batchSize, signal) {
    for await (const { start, records } of batches(rows, batchSize)) {
      yield { start, answers: await this.#answers(records, start, signal) };
    }
  }

  /**
   * @param {readonly unknown[]} records
   * @param {number} first_row
   * @param {AbortSignal} [signal]
   * @returns {Promise<Outputs[]>}
   */
  async #answers(records, first_row, signal) {
    const asked_ms = now_ms();
    const { outputs, spans } = await this.#engine.answers(records, first_row, signal);
    this.lastCall = timingsSince(asked_ms, { ...spans, total: { start_ms: asked_ms, end_ms: now_ms() } });
    return outputs;
  }
}
