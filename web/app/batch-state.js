// What the Batch page knows, and what follows from it. No DOM.

import { valueReader } from "../shared/cells.js";
import { changed } from "../shared/coded.js";
import { rateOf } from "../shared/jobs.js";
import { unserved } from "../shared/matching.js";
import { sift } from "../shared/sift.js";

/** @typedef {import("../shared/errors.js").Problem} Problem */
/** @typedef {import("../shared/jobs.js").BadRow} BadRow */
/** @typedef {import("../shared/jobs.js").Job} Job */
/** @typedef {import("../shared/matching.js").Mapping} Mapping */
/** @typedef {import("../shared/protocol.js").Head} Head */
/** @typedef {import("../shared/release.js").Contract} Contract */
/** @typedef {import("../shared/release.js").EncodingTable} EncodingTable */
/** @typedef {import("../shared/release.js").Pipeline} Pipeline */
/** @typedef {import("../shared/release.js").Variant} Variant */
/** @typedef {import("./refusal.js").Refusal} Refusal */

/**
 * @typedef {object} Given the file that was chosen
 * @property {File} file
 * @property {"csv" | "parquet"} format
 * @property {number | null} rows
 * @property {import("../worker/batch/source.js").Column[]} columns
 * @property {Head} head
 *
 * @typedef {object} Options what answers
 * @property {string} variant
 * @property {"graph" | "python"} engine
 * @property {number} threads
 *
 * @typedef {object} Speed of a variant, measured here on the file's first rows
 * @property {string} variant
 * @property {number} rows_per_s
 *
 * @typedef {object} Task what runs
 * @property {"idle" | "preparing" | "opening" | "running" | "pausing"} status
 * @property {number} fraction of opening
 * @property {readonly {at_ms: number, fraction: number, rows: number}[]} marks of the last seconds, for the rate
 *
 * @typedef {object} Page some rows of a table
 * @property {number} start
 * @property {readonly unknown[][]} rows
 *
 * @typedef {object} BatchState
 * @property {"loading" | "ready" | "error"} status
 * @property {unknown} failure of opening the release
 * @property {string} release its id
 * @property {readonly { name: string, title: string, images: readonly string[] }[]} pipelines
 * @property {string} pipeline
 * @property {Pipeline | null} offer what the release says of it
 * @property {boolean} reading whether a file is being looked at
 * @property {Refusal | null} refusal of what was given
 * @property {unknown} fileFailure
 * @property {Given | null} given
 * @property {Mapping} mapping
 * @property {readonly string[]} carried
 * @property {Options} options
 * @property {number} mostThreads
 * @property {readonly Speed[]} speeds
 * @property {"" | string} timing variant that is being timed
 * @property {readonly Job[]} jobs the newest first
 * @property {ReadonlySet<string>} elsewhere ids of jobs that run in another tab
 * @property {Job | null} job the one that is shown
 * @property {Task} task
 * @property {unknown} taskFailure
 * @property {"" | "full" | "elsewhere"} stopped why the job did not go on
 * @property {Page} results
 * @property {{ start: number, rows: readonly BadRow[] }} badRows
 * @property {boolean} saving
 * @property {{ usage_bytes: number, quota_bytes: number, persisted: boolean } | null} storage
 * @property {string} said the last thing that happened, for who does not see it
 */

/** Rows of results shown at once. */
export const PAGE_ROWS = 20;
/** The rate and the time left are those of the last so many milliseconds. */
const RECENT_MS = 5000;

/** @type {Task} */
export const IDLE = { status: "idle", fraction: 0, marks: [] };

/** @returns {BatchState} */
export function firstState() {
  return {
    ...{ status: "loading", failure: null, release: "", pipelines: [], pipeline: "", offer: null },
    ...{ reading: false, refusal: null, fileFailure: null, given: null, mapping: {}, carried: [] },
    options: { variant: "", engine: "graph", threads: 1 },
    ...{ mostThreads: 1, speeds: [], timing: "", jobs: [], elsewhere: new Set(), job: null },
    ...{ task: IDLE, taskFailure: null, stopped: "", saving: false, storage: null, said: "" },
    ...{ results: { start: 0, rows: [] }, badRows: { start: 0, rows: [] } },
  };
}

/**
 * The fields that a table may have columns for.
 *
 * @param {Contract} contract
 */
export function inputsOf({ fields, context }) {
  return [...fields, ...context];
}

/**
 * What answers unless the visitor chooses: the graph where there is one, and a core left to read and store.
 *
 * @param {Pipeline} offer
 * @param {number} mostThreads
 * @returns {Options}
 */
export function usualOptions(offer, mostThreads) {
  const variant = offer.variants.find(({ name }) => name === offer.default_variant) ?? offer.variants[0];
  return { variant: variant.name, engine: variant.graph ? "graph" : "python", threads: Math.max(1, mostThreads - 1) };
}

/**
 * Options that go together: a variant without a graph takes Python.
 *
 * @param {Pipeline} offer
 * @param {Options} options
 * @returns {Options}
 */
export function fittingOptions(offer, options) {
  const variant = offer.variants.find(({ name }) => name === options.variant);
  return variant?.graph ? options : { ...options, engine: "python" };
}

/**
 * @typedef {object} Checked what of a file's first rows fits
 * @property {readonly Problem[]} problems in the order of rows
 * @property {ReadonlyMap<string, Problem[]>} byField
 * @property {ReadonlySet<number>} badRows their numbers
 */

/**
 * The first rows held to the contract.
 *
 * @param {EncodingTable} table
 * @param {Given} given
 * @param {Mapping} mapping
 * @returns {Checked}
 */
export function checkedHead(table, { head }, mapping) {
  const served = table.fields.filter(({ name }) => mapping[name] != null && head.columns[String(mapping[name])]);
  const cells = Object.fromEntries(
    served.map((field) => [field.name, changed(head.columns[String(mapping[field.name])], valueReader(field))]),
  );
  const { problems } = sift(table, cells, head.rows);
  const all = [...head.problems, ...problems].sort((a, b) => a.row - b.row);
  /** @type {Map<string, Problem[]>} */
  const byField = new Map();
  for (const problem of all) byField.set(problem.field, [...(byField.get(problem.field) ?? []), problem]);
  return { problems: all, byField, badRows: new Set(all.map(({ row }) => row)) };
}

/**
 * Why no job can be begun as chosen, "" if one can.
 *
 * @param {BatchState} state
 */
export function obstacle({ offer, given, mapping, task, timing }) {
  if (offer === null || given === null) return "Choose a file first.";
  const lacking = unserved(inputsOf(offer.contract), mapping);
  if (lacking.length > 0) {
    const names = lacking.map(({ title }) => title).join(", ");
    return `${names}: may not be missing, and no column has it. Choose one above.`;
  }
  return occupation({ task, timing });
}

/**
 * What nothing else may be begun beside, "" if it may.
 *
 * @param {Pick<BatchState, "task" | "timing">} state
 */
export function occupation({ task, timing }) {
  if (task.status !== "idle") return "A job is running. Pause it, or wait for its end.";
  return timing === "" ? "" : "The variants are being timed. Wait for its end.";
}

/**
 * Why a stored job can't go on, "" if it can.
 *
 * @param {BatchState} state
 * @param {Job} job
 */
export function hindrance({ release, elsewhere, task, timing, pipelines }, job) {
  if (job.status !== "unfinished") return "It has ended.";
  if (job.release !== release || !pipelines.some(({ name }) => name === job.pipeline))
    return `It was begun with release ${job.release}; this site has ${release || "another one"} now, whose answers may differ. What is done stays; start it again to have all of it from one release.`;
  const occupied = occupation({ task, timing });
  if (occupied !== "") return occupied;
  return elsewhere.has(job.id) ? "It runs in another tab." : "";
}

/**
 * The task with how far its job is now.
 *
 * @param {Task} task
 * @param {Job} job
 * @param {number} now_ms
 * @returns {Task}
 */
export function advanced(task, { progress }, now_ms) {
  const mark = { at_ms: now_ms, fraction: progress.fraction, rows: progress.good + progress.bad };
  const recent = task.marks.filter(({ at_ms }) => now_ms - at_ms <= RECENT_MS);
  return { ...task, status: task.status === "pausing" ? "pausing" : "running", marks: [...recent, mark] };
}

/**
 * How fast the task is, and how long it will take.
 *
 * @param {Task} task
 * @returns {{ rows_per_s: number, left_ms: number } | null} null while nobody can say
 */
export function paceOf({ marks }) {
  const [first, last] = [marks[0], marks.at(-1)];
  if (first === undefined || last === undefined || last.at_ms <= first.at_ms || last.fraction <= first.fraction)
    return null;
  const passed_ms = last.at_ms - first.at_ms;
  return {
    rows_per_s: ((last.rows - first.rows) / passed_ms) * 1000,
    left_ms: ((1 - last.fraction) / (last.fraction - first.fraction)) * passed_ms,
  };
}

/**
 * The variant that is fastest here, of those that were timed; null before all were.
 *
 * @param {BatchState} state
 * @returns {Speed | null}
 */
export function fastest({ speeds, offer }) {
  if (speeds.length === 0 || speeds.length < (offer?.variants.filter(({ graph }) => graph).length ?? 0)) return null;
  return speeds.reduce((best, each) => (each.rows_per_s > best.rows_per_s ? each : best));
}

/**
 * Rows a second of the last job that ran to its end here, with what ran it; null where none did. For whoever compares costs.
 *
 * @param {Pick<BatchState, "jobs" | "pipeline">} state
 * @param {string} [variant] of that variant alone
 * @returns {{ rows_per_s: number, rows: number, variant: string, engine: string, threads: number } | null}
 */
export function lastRate({ jobs, pipeline }, variant) {
  const job = jobs.find(
    (each) => each.status === "done" && each.pipeline === pipeline && (variant ?? each.variant) === each.variant,
  );
  const rows_per_s = job ? rateOf(job.progress) : null;
  if (!job || rows_per_s === null) return null;
  const rows = job.progress.good + job.progress.bad;
  return { rows_per_s, rows, variant: job.variant, engine: job.engine, threads: job.threads };
}

/**
 * The file's first rows as they stand there, with what is wrong in them.
 *
 * @param {Given} given
 * @param {number} count
 * @returns {{ row: number, cells: string[] }[]}
 */
export function firstRows({ head, columns }, count) {
  return head.rows.slice(0, count).map((row, place) => ({
    row,
    cells: columns.map(({ name }) => cellText(head.columns[name].values[head.columns[name].codes[place]])),
  }));
}

/** @param {unknown} value as a table shows it */
export function cellText(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * @param {BatchState} state
 * @param {Job} job
 * @returns {BatchState["jobs"]} with that job as it is now
 */
export function jobsWith({ jobs }, job) {
  return jobs.some(({ id }) => id === job.id) ? jobs.map((each) => (each.id === job.id ? job : each)) : [job, ...jobs];
}
