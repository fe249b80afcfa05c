// What the section on costs knows, and the ways to change it. No DOM.

import { demandOf, USUAL } from "./costs.js";

/**
 * @typedef {import("./costs.js").Typed} Typed
 * @typedef {import("./rates.js").Measured} Measured
 *
 * @typedef {object} Recorded what a server took of one processor, as a committed measurement tells it
 * @property {{ rows_per_s: number, cpu_us: import("./costs.js").Spread }} batch
 * @property {{ answers_per_s: number, at_once: number, p50_ms: number, cpu_us: import("./costs.js").Spread }} online
 *
 * @typedef {object} Record the whole measurement
 * @property {string} created
 * @property {{ cores: number, processor: string }} machine
 * @property {number} workers processes of the server
 * @property {{ [pipeline: string]: { [variant: string]: Recorded } }} pipelines
 *
 * @typedef {object} LastJob what the newest job of a variant did here
 * @property {number} rows_per_s
 * @property {number} rows
 * @property {number} threads of the model; another one reads and stores
 *
 * @typedef {"device" | "job" | "server"} Place
 *
 * @typedef {object} CostsState
 * @property {Typed} typed
 * @property {string} variant
 * @property {Place} place whose effort the costs are of
 * @property {{ [variant: string]: Measured }} measured here
 * @property {(variant: string) => LastJob | null} lastJob
 * @property {Record | null} recorded null where the release has none
 * @property {{ status: "idle" | "running" | "cancelled" | "error", fraction: number, failure: unknown }} task
 */

const IDLE = /** @type {CostsState["task"]} */ ({ status: "idle", fraction: 0, failure: null });

/**
 * @param {object} parts
 * @param {string} parts.pipeline
 * @param {string} parts.variant chosen at first
 * @param {(variant: string, watch: import("./rates.js").Watch) => Promise<Measured>} parts.measure
 * @param {(variant: string) => LastJob | null} [parts.lastJob]
 * @param {(state: CostsState) => void} parts.onChange
 */
export function createCosts({ pipeline, variant, measure, lastJob = () => null, onChange }) {
  /** @type {CostsState} */
  let state = { typed: USUAL, variant, place: "device", measured: {}, lastJob, recorded: null, task: IDLE };
  let controller = new AbortController();

  /** @param {Partial<CostsState>} patch */
  const change = (patch) => {
    state = { ...state, ...patch };
    onChange(state);
  };

  return {
    state: () => state,
    /** @param {keyof Typed} name @param {string} text */
    input: (name, text) => change({ typed: { ...state.typed, [name]: text } }),
    /** @param {string} variant */
    chooseVariant: (variant) => change({ variant }),
    /** @param {Place} place */
    choosePlace: (place) => change({ place }),
    /** A server's figures stand there until something is measured here. @param {Record | null} recorded */
    showRecorded: (recorded) => {
      const known = recordedOf({ ...state, recorded }, pipeline) !== null && Object.keys(state.measured).length === 0;
      change({ recorded, ...(known && { place: /** @type {const} */ ("server") }) });
    },
    measure: async () => {
      if (state.task.status === "running") return;
      controller = new AbortController();
      const { signal } = controller;
      const { variant } = state;
      change({ task: { ...IDLE, status: "running" } });
      const onProgress = (/** @type {number} */ fraction) => change({ task: { ...state.task, fraction } });
      try {
        const measured = await measure(variant, { signal, onProgress });
        change({ measured: { ...state.measured, [variant]: measured }, place: "device", task: IDLE });
      } catch (failure) {
        change({ task: { ...IDLE, status: signal.aborted ? "cancelled" : "error", failure } });
      }
    },
    cancel: () => controller.abort(),
    /** Jobs came to their end meanwhile. */
    refresh: () => change({}),
  };
}

/**
 * What is recorded of the chosen variant on a server; null where nothing is.
 *
 * @param {CostsState} state
 * @param {string} pipeline
 */
export function recordedOf({ recorded, variant }, pipeline) {
  return recorded?.pipelines[pipeline]?.[variant] ?? null;
}

/**
 * What one answer takes, in the chosen place; null where that is not known.
 *
 * @param {CostsState} state
 * @param {string} pipeline
 * @returns {import("./costs.js").Effort | null}
 */
export function effortOf(state, pipeline) {
  const { place, variant, measured, lastJob } = state;
  if (place === "device") return measured[variant]?.effort ?? null;
  if (place === "job") return jobEffort(measured[variant], lastJob(variant));
  const found = recordedOf(state, pipeline);
  return found && { batch_us: found.batch.cpu_us, online_us: found.online.cpu_us };
}

/**
 * A job keeps busy the threads of its model and the one that reads; it never asks for single rows, so that is as measured.
 *
 * @param {Measured | undefined} measured
 * @param {LastJob | null} job
 * @returns {import("./costs.js").Effort | null}
 */
function jobEffort(measured, job) {
  if (measured === undefined || job === null) return null;
  const row_us = ((job.threads + 1) * 1e6) / job.rows_per_s;
  return { batch_us: { median: row_us, low: row_us, high: row_us }, online_us: measured.effort.online_us };
}

/** @param {CostsState} state */
export function demandNow({ typed }) {
  return demandOf(typed);
}
