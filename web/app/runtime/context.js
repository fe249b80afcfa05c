/** Where records get the context that they lack: from tables of the release, and from windows over what was observed. */

import { abortable } from "../../shared/abort.js";
import { Archive } from "../../shared/archive.js";
import { encode } from "../../shared/encoding.js";
import { Forecasts } from "../../shared/forecasts.js";
import { History } from "../../shared/history.js";
import { lacking, recordsToJson } from "../../shared/records.js";

/**
 * @typedef {import("../../shared/calls.js").Calls} Calls
 * @typedef {import("../../shared/release.js").Pipeline} Pipeline
 * @typedef {import("./crew.js").Crew} Crew
 * @typedef {import("./plan.js").Plan} Plan
 */

/** The context of one opened pipeline. */
export class Context {
  #crew;
  #pipeline;
  #later;
  #history;

  /**
   * @param {Crew} crew
   * @param {Plan} plan
   */
  constructor(crew, { pipeline, windows, folders }) {
    this.#crew = crew;
    this.#pipeline = pipeline;
    this.#later = windows;
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
   */
  async windows() {
    return this.#later ? this.#crew.startPython(this.#later) : /** @type {Calls} */ (this.#crew.python);
  }

  /**
   * Records with their context. Where the engine is Python, it adds the streaming features itself. An abort lets go of it,
   * whatever it waits for.
   *
   * @param {readonly unknown[]} records
   * @param {number} first_row
   * @param {AbortSignal} [signal]
   * @returns {Promise<readonly unknown[]>}
   */
  async fill(records, first_row, signal) {
    const known = await this.tabled(records, signal);
    if (!this.#later || !this.#crew.python || !this.#lackStreaming(known)) return known;
    // JSON coming back from Python could not carry what is wrong with a record; so that is refused here.
    encode(this.#pipeline.encoding, known, first_row);
    const request = { type: /** @type {const} */ ("fill"), records: recordsToJson(known), first_row };
    const { records: filled } = await this.#crew.python.call(request, { signal });
    return JSON.parse(filled);
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
