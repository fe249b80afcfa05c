/** An opened pipeline. */

import { abortable } from "../../shared/abort.js";
import { daysSinceEpoch, minutesSinceEpoch } from "../../shared/encoding.js";
import { cancelled, ForeshoreError } from "../../shared/errors.js";
import { batches, eventsToJson, isRecord, recordsToJson, snapshots } from "../../shared/records.js";
import { Turns } from "../../shared/turns.js";
import { checkedAge, lookedUp } from "./lookup.js";
import { invalid } from "./support.js";
import { now_ms, timingsSince } from "./timings.js";

/**
 * @typedef {import("../../shared/release.js").Contract} Contract
 * @typedef {import("../../shared/release.js").Variant} Variant
 * @typedef {import("../../shared/protocol.js").Results} Results
 * @typedef {import("../../shared/protocol.js").WindowsRequest} WindowsRequest
 * @typedef {import("./context.js").Context} Context
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
 * @property {"graph" | "python" | "cloud"} engine
 * @property {number} threads Threads that the model runs on.
 * @property {"wasm" | "webgpu" | "cpu"} provider What ran the model; "cpu": the server's processor.
 * @property {{kind: string, message: string}} [device_error] Why this device could not answer, where the server did in its place.
 *
 * @typedef {import("./engines.js").Outputs} Outputs
 * @typedef {{[output: string]: any} & About & {latency_ms: number}} Answer The outputs, and what gave them. `latency_ms`:
 *   from the call to its answer.
 *
 * @typedef {[type: string, event: Record<string, unknown>]} Event What happened: an event type of the pipeline's view, and
 *   the fields that it declares.
 *
 * @typedef {object} Intake What became of the events of one call.
 * @property {Record<string, number>} accepted How many were taken in, by type.
 * @property {Record<string, Record<string, number>>} dropped How many were not, by type and reason; "" stands for types that
 *   there are not.
 * @property {(string | null)[]} outcomes Of each event, in order: null, or why it was dropped.
 * @property {number | null} clock_min The latest known time taken in, or time asked for, in minutes since 1970-01-01 UTC;
 *   null before either.
 *
 * @typedef {object} Followed
 * @property {Outputs[]} answers One a record.
 * @property {Record<string, number | null>[]} context The windows' and tables' values that each record was answered with;
 *   null for what is missing.
 * @property {Intake} intake
 * @property {About} by What gave the answers.
 *
 * @typedef {object} Stored An answer that was computed ahead.
 * @property {Outputs} outputs
 * @property {number} as_of_min When it was computed, in minutes since 1970-01-01 UTC.
 * @property {string} release Id of the release that holds it.
 *
 * @typedef {import("./lookup.js").Server} Server
 * @typedef {Answer & import("./lookup.js").Ahead} Looked
 */

/** Predicts, on this device or, by consent, on the site's server. Made by `open`; `close` it when it is no longer needed. */
export class Predictor {
  #crew;
  #engine;
  #context;
  #about;
  #server;
  #turns = new Turns();

  /**
   * @param {Pick<Crew, "end" | "signal">} crew
   * @param {Engine} engine
   * @param {Pick<Context, "fill" | "forecasts" | "hasStarted" | "hasWindows" | "isTold" | "tabled" | "windows">} context
   * @param {About} about
   * @param {Contract} contract
   * @param {readonly Variant[]} variants
   * @param {Timings} timings
   * @param {Server | null} [server] Where one may be asked.
   */
  constructor(crew, engine, context, about, contract, variants, timings, server = null) {
    this.#server = server;
    this.#crew = crew;
    this.#engine = engine;
    this.#context = context;
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

  /** How the pipeline runs on this device, "cloud" where it does not; each answer of `predict` says what gave it. */
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
   * The answer for one record. Context that it does not carry is filled in, from tables of the release as of its time and
   * from the windows over what was observed.
   *
   * @param {Input} record
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<Answer>} The outputs by name, and what gave them.
   * @throws {ForeshoreError} "validation" with every problem of the record, "model", "network" and "artefact" where a table
   *   that it is the first to need could not be loaded, "cancelled", "closed" after `close`, "internal" when a worker crashed.
   */
  async predict(record, { signal } = {}) {
    const start_ms = performance.now();
    const { outputs, by } = await this.#answers([record], 0, signal);
    return { ...outputs[0], ...this.#about, ...by, latency_ms: performance.now() - start_ms };
  }

  /**
   * Answers for many records, batch by batch, in their order. A batch with an invalid record is refused as a whole, and
   * ends the iteration; rows in errors count from the first of `rows`.
   *
   * @param {Iterable<Input> | AsyncIterable<Input>} rows
   * @param {object} [options]
   * @param {AbortSignal} [options.signal]
   * @param {number} [options.batchSize] Records a batch; by default 256, and 8 where they hold images.
   * @returns {AsyncGenerator<{start: number, answers: Outputs[], by: About}>} `start`: row of the batch's first answer; `by`: what
   *   gave them.
   * @throws {ForeshoreError} As `predict`.
   */
  predictMany(rows, { signal, batchSize = this.contract.fields.some(holdsImage) ? 8 : 256 } = {}) {
    if (!Number.isInteger(batchSize) || batchSize < 1) throw invalid("batchSize", batchSize, "an integer from 1 on");
    return this.#batched(rows, batchSize, signal);
  }

  /**
   * The answer for one record, computed ahead by the site's server where that has one for the record's key, else answered by it now. Only
   * with the visitor's consent, since the record is sent. Where the server does not answer, the device does.
   *
   * @param {Input} record
   * @param {object} [options]
   * @param {number} [options.max_age_s] The oldest answer that will do; by default however old.
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<Looked>} As `predict`, and whether it was computed ahead, and when.
   * @throws {ForeshoreError} "validation" without consent, and else as `predict`.
   */
  async lookup(record, { max_age_s, signal } = {}) {
    const start_ms = performance.now();
    const asked_ms = now_ms();
    const server = this.#consentingServer();
    const asked = { records: snapshots([record]), max_age_s: checkedAge(max_age_s), signal };
    const insist = this.engine === "cloud";
    /** @type {import("./lookup.js").OnDevice} */
    const onDevice = ({ records, obstacle }) => this.#run(records, 0, asked_ms, signal, obstacle, server.device);
    const looked = await this.#inTurn(() => lookedUp(server.cloud, this.#context, asked, insist, onDevice), signal);
    const { outputs, by, ...ahead } = looked;
    return { ...outputs, ...this.#about, ...by, ...ahead, latency_ms: performance.now() - start_ms };
  }

  /**
   * Take in events, in the order given, so that later predictions know of them. With the engine "graph", the first call that
   * needs windows starts Python, which holds them; `onProgress` of `open` is not told of that.
   *
   * @param {readonly Event[]} events
   * @returns {Promise<Intake>} What became of them. A wrong or late event is dropped and counted.
   * @throws {ForeshoreError} "validation" where the pipeline has no view, or `events` is no list; "network" and "artefact"
   *   where Python could not be started; "closed", "internal".
   */
  async observe(events) {
    const { intake } = await this.#ask("observe", { type: "observe", events: textOf(events) });
    return JSON.parse(intake);
  }

  /**
   * Answers for records in the middle of events: before a record is asked, the events that come next and were known by its
   * time are taken in; after the last one, all others are.
   *
   * @param {readonly Event[]} events In the order in which they come.
   * @param {readonly Input[]} records In the order of the time at which they are asked, which none may lack.
   * @param {object} [options]
   * @param {boolean} [options.restart] Whether to forget all events before these.
   * @param {AbortSignal} [options.signal] An abort leaves open how many of the events were taken in.
   * @returns {Promise<Followed>}
   * @throws {ForeshoreError} As `predict` and `observe`. A wrong record is found before any event is taken in; with "model",
   *   all of them were.
   */
  async follow(events, records, { restart = false, signal } = {}) {
    const asked_ms = now_ms();
    this.#needWindows("follow");
    if (!Array.isArray(records)) throw invalid("records", records, "a list of records");
    const text = textOf(events);
    const asked = snapshots(records);
    return this.#inTurn(async () => {
      const windows = await this.#context.windows();
      const tabled = recordsToJson(await this.#context.tabled(asked, signal));
      const request = { type: /** @type {const} */ ("follow"), events: text, records: tabled, restart };
      const followed = windows.call(request, { signal });
      return { answer: followed.then((told) => this.#answered(JSON.parse(told.followed), asked_ms, signal)) };
    }, signal);
  }

  /**
   * What the windows remember, for `restoreWindows`.
   *
   * @returns {Promise<Uint8Array>}
   * @throws {ForeshoreError} As `observe`.
   */
  async saveWindows() {
    const { state } = await this.#ask("saveWindows", { type: "save_windows" });
    return state;
  }

  /**
   * Go on from what `saveWindows` gave.
   *
   * @param {Uint8Array} state
   * @returns {Promise<void>}
   * @throws {ForeshoreError} "artefact" where it is damaged, or of other declarations; the windows are then as they were.
   *   Else as `observe`.
   */
  async restoreWindows(state) {
    this.#needWindows("restoreWindows");
    if (!(state instanceof Uint8Array)) throw invalid("state", state, "a Uint8Array, as saveWindows gives it");
    await this.#ask("restoreWindows", { type: "restore_windows", state: state.slice() });
  }

  /**
   * Forget all events.
   *
   * @returns {Promise<void>}
   * @throws {ForeshoreError} As `observe`.
   */
  async restartWindows() {
    this.#needWindows("restartWindows");
    await this.#inTurn(async () => {
      if (!this.#context.hasStarted) return { answer: Promise.resolve({}) };
      return { answer: (await this.#context.windows()).call({ type: "restart_windows" }) };
    });
  }

  /**
   * The newest answer that was computed ahead and released.
   *
   * @param {Record<string, string | number>} key
   * @param {object} options
   * @param {string} options.day That it is for, as "2013-10-05".
   * @param {string} [options.at] By when it must have been computed: UTC, as "2013-10-05T12:30Z"; by default whenever.
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<Stored | null>} Null where none was computed for that key, that day and by that time.
   * @throws {ForeshoreError} "validation" where the release has none for this pipeline, or key, day or time are wrong; "network",
   *   "artefact", "cancelled", "closed".
   */
  async stored(key, { day, at, signal } = /** @type {any} */ ({})) {
    if (daysSinceEpoch(String(day)) === null) throw invalid("day", day, 'the day that it is for, as "2013-10-05"');
    const time_min = at === undefined ? null : minutesSinceEpoch(String(at));
    if (at !== undefined && time_min === null) throw invalid("at", at, "a UTC time as YYYY-MM-DDTHH:MMZ");
    if (!isRecord(key)) throw invalid("key", key, "an object of key fields and values");
    this.#crew.signal.throwIfAborted();
    const found = await this.#unlessEnded(abortable(this.#forecasts().find({ ...key }, day, time_min), signal));
    return found && { ...found, release: this.release };
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
      const { outputs, by } = await this.#answers(records, start, signal);
      yield { start, answers: outputs, by: { ...this.#about, ...by } };
    }
  }

  /**
   * @param {readonly unknown[]} records
   * @param {number} first_row
   * @param {AbortSignal} [signal]
   * @returns {ReturnType<Engine["answers"]>}
   */
  #answers(records, first_row, signal) {
    const asked_ms = now_ms();
    const asked = snapshots(records);
    return this.#inTurn(async () => {
      const { records: filled, obstacle } = await this.#context.fill(asked, first_row, signal);
      return { answer: this.#run(filled, first_row, asked_ms, signal, obstacle) };
    }, signal);
  }

  #consentingServer() {
    if (this.#server?.cloud.consented) return this.#server;
    const expected = "true, given to `open`: the visitor has agreed that the record goes to the server of this site";
    throw invalid("consent", this.#server ? false : undefined, expected);
  }

  /**
   * @param {{records: Record<string, any>[], intake: Intake}} followed
   * @param {number} asked_ms
   * @param {AbortSignal} [signal]
   * @returns {Promise<Followed>}
   */
  async #answered({ records, intake }, asked_ms, signal) {
    const names = this.contract.context.map(({ name }) => name);
    const context = records.map((record) => Object.fromEntries(names.map((name) => [name, record[name]])));
    const { outputs, by } = records.length ? await this.#run(records, 0, asked_ms, signal) : { outputs: [] };
    return { answers: outputs, context, intake, by: { ...this.#about, ...by } };
  }

  /**
   * @param {readonly unknown[]} records With their context.
   * @param {number} first_row
   * @param {number} asked_ms
   * @param {AbortSignal} [signal]
   * @param {ForeshoreError | null} [obstacle]
   * @param {Engine} [engine]
   * @returns {ReturnType<Engine["answers"]>}
   */
  async #run(records, first_row, asked_ms, signal, obstacle = null, engine = this.#engine) {
    const answered = await engine.answers(records, first_row, signal, obstacle);
    this.lastCall = timingsSince(asked_ms, { ...answered.spans, total: { start_ms: asked_ms, end_ms: now_ms() } });
    return answered;
  }

  /**
   * @template {WindowsRequest} R
   * @param {string} call The public function.
   * @param {R} request
   * @returns {Promise<Results[R["type"]]>}
   */
  async #ask(call, request) {
    this.#needWindows(call);
    return this.#inTurn(async () => ({ answer: (await this.#context.windows()).call(request) }));
  }

  /**
   * What `send` does until it resolves, it does after all earlier calls did theirs: the windows see the calls' events and
   * questions in the order of the calls.
   *
   * @template T
   * @param {() => Promise<{answer: Promise<T>}>} send
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  #inTurn(send, signal) {
    const turn = this.#turns.take(() => {
      this.#crew.signal.throwIfAborted();
      if (signal?.aborted) throw cancelled(signal.reason);
      return send();
    });
    return this.#unlessEnded(abortable(turn, signal));
  }

  /**
   * @template T
   * @param {Promise<T>} promise
   * @returns {Promise<T>}
   */
  async #unlessEnded(promise) {
    try {
      return await promise;
    } catch (error) {
      throw this.#crew.signal.aborted ? this.#crew.signal.reason : error;
    }
  }

  /** @param {string} call The public function. */
  #needWindows(call) {
    if (this.#context.hasWindows) return;
    const advice = "declare its windows in a FeatureView and give that to its Pipeline";
    const got = `${call}: got pipeline ${this.contract.name}, which has no view`;
    throw new ForeshoreError("validation", `${got}, expected one with windows; ${advice}`);
  }

  #forecasts() {
    const { forecasts } = this.#context;
    if (forecasts) return forecasts;
    const got = `stored: got pipeline ${this.contract.name}, for which release ${this.release} holds no forecasts`;
    throw new ForeshoreError("validation", `${got}, expected one with forecasts; write them in its forecasts.py`);
  }
}

/** @param {import("../../generated/vocabulary.js").Field} field */
function holdsImage({ dtype }) {
  return dtype === "image";
}

/** @param {unknown} events */
function textOf(events) {
  if (!Array.isArray(events)) throw invalid("events", events, "a list of [type, event]");
  return eventsToJson(events);
}
