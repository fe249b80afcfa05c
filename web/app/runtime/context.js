/** Where records get the context that they lack: from tables of the release, and from windows over what was observed. */

import { abortable } from "../../shared/abort.js";
import { Archive } from "../../shared/archive.js";
import { encode } from "../../shared/encoding.js";
import { asForeshoreError } from "../../shared/errors.js";
import { Forecasts } from "../../shared/forecasts.js";
import { History } from "../../shared/history.js";
import { lacking, recordsToJson } from "../../shared/records.js";
import { saysUnable } from "./policy.js";

/**
 * @typedef {import("../../shared/calls.js").Calls} Calls
 * @typedef {import("../../shared/release.js").Pipeline} Pipeline
 * @typedef {import("./crew.js").Crew} Crew
 * @typedef {import("./plan.js").Plan} Plan
 * @typedef {import("../../shared/errors.js").ForeshoreError} ForeshoreError
 *
 * @typedef {object} Filled
 * @property {readonly unknown[]} records
 * @property {ForeshoreError | null} obstacle Why they lack historical features, which this device would need.
 */

/** The context of one opened pipeline. */
export class Context {
  #crew;
  #pipeline;
  #later;
  #history;
  #served;
  #told = false;

  /**
   * @param {Crew} crew
   * @param {Plan} plan
   */
  constructor(crew, { pipeline, windows, folders, cloud }) {
    this.#crew = crew;
    this.#pipeline = pipeline;
    this.#later = windows;
    this.#served = Boolean(cloud);
    const archive = folders.history && new Archive(folders.history, globalThis, crew.signal);
    this.#history = pipeline.view && archive ? new History(pipeline.view, pipeline.contract.clock, archive) : null;
    /** Answers computed ahead; null where the release has none. */
    this.forecasts = folders.forecasts && new Forecasts(new Archive(folders.forecasts, globalThis, crew.signal));
  }

  /** Whether the pipeline takes events. */
  get hasWindows() {
    return Boolean(this.#pipeline.view);
  }

  /** Whether the windows are there, and so may have seen events. */
  get hasStarted() {
    return this.#crew.python !== null;
  }

  /**
   * The worker that holds the windows, started where it has not been needed before.
   *
   * @returns {Promise<Calls>}
   * @throws {ForeshoreError} where Python does not start, or did not.
   */
  async windows() {
    const python = this.#later ? await this.#crew.startPython(this.#later) : this.#crew.python;
    if (!python) throw this.#crew.failure;
    this.#told = true;
    return python;
  }

  /** Whether the windows were asked for, and so may know of events. */
  get isTold() {
    return this.#told;
  }

  /**
   * Records with their context. Where the engine is Python, it adds the streaming features itself, unless a server may be asked in its
   * place. An abort lets go of it, whatever it waits for.
   *
   * @param {readonly unknown[]} records
   * @param {number} first_row
   * @param {AbortSignal} [signal]
   * @returns {Promise<Filled>}
   */
  async fill(records, first_row, signal) {
    const { records: known, obstacle } = await this.#tabledIfPossible(records, signal);
    const python = this.#later || (this.#served && this.#told) ? this.#crew.python : null;
    if (!python || !this.#lackStreaming(known)) return { records: known, obstacle };
    // JSON coming back from Python could not carry what is wrong with a record; so that is refused here.
    encode(this.#pipeline.encoding, known, first_row);
    const request = { type: /** @type {const} */ ("fill"), records: recordsToJson(known), first_row };
    const { records: text } = await python.call(request, { signal });
    const filled = JSON.parse(text);
    // Python knows no table, and gives null for what only tables know: that would be taken for carried.
    return { records: obstacle ? this.#untabled(filled, known) : filled, obstacle };
  }

  /**
   * A server has the tables too: where one may be asked, a table that does not come is no error yet.
   *
   * @param {readonly unknown[]} records
   * @param {AbortSignal} [signal]
   * @returns {Promise<Filled>}
   */
  async #tabledIfPossible(records, signal) {
    try {
      return { records: await this.tabled(records, signal), obstacle: null };
    } catch (error) {
      const failure = asForeshoreError(error);
      if (!this.#served || !saysUnable(failure)) throw failure;
      return { records, obstacle: failure };
    }
  }

  /**
   * @param {readonly Record<string, unknown>[]} filled
   * @param {readonly unknown[]} before
   */
  #untabled(filled, before) {
    const names = this.#pipeline.view?.historical.map(({ name }) => name) ?? [];
    return filled.map((record, row) => {
      const absent = new Set(lacking(before[row], names));
      return Object.fromEntries(Object.entries(record).filter(([name]) => !absent.has(name)));
    });
  }

  /**
   * Records with their historical features.
   *
   * @param {readonly unknown[]} records
   * @param {AbortSignal} [signal]
   */
  async tabled(records, signal) {
    return this.#history ? abortable(this.#history.fill(records), signal) : records;
  }

  /** @param {readonly unknown[]} records */
  #lackStreaming(records) {
    const names = this.#pipeline.view?.windows.windows.map(({ name }) => name) ?? [];
    return records.some((record) => lacking(record, names).length);
  }
}
