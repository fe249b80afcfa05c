/** The worker that takes files row by row through a pipeline: it reads, sifts and stores, and asks another worker for the answers. */

import { Archive } from "../shared/archive.js";
import { Calls } from "../shared/calls.js";
import { valueReader } from "../shared/cells.js";
import { changed } from "../shared/coded.js";
import { ForeshoreError } from "../shared/errors.js";
import { HistoryColumns } from "../shared/history-columns.js";
import { newJob, storedValue } from "../shared/jobs.js";
import { unreachable } from "../shared/protocol.js";
import { Service } from "../shared/service.js";
import { sift } from "../shared/sift.js";
import { buffersOf } from "../shared/tensors.js";
import { answeringByGraph, answeringByPython } from "./batch/answering.js";
import { badRowsAsCsv, resultsAsCsv, resultsAsParquet } from "./batch/downloads.js";
import { elsewhere, holding } from "./batch/locks.js";
import { Running } from "./batch/running.js";
import { openSource } from "./batch/source.js";
import { ElsewhereError, FullError, JobStore } from "./batch/store.js";

/**
 * @typedef {import("../shared/jobs.js").Job} Job
 * @typedef {import("../shared/protocol.js").BatchQuestion} BatchQuestion
 * @typedef {import("../shared/protocol.js").BatchWork} BatchWork
 * @typedef {import("../shared/protocol.js").Ground} Ground
 * @typedef {import("../shared/protocol.js").RunJob} RunJob
 * @typedef {import("../shared/protocol.js").Results} Results
 * @typedef {import("../shared/protocol.js").TimeModel} TimeModel
 * @typedef {import("../shared/service.js").Port} Port
 * @typedef {import("../shared/service.js").Reply} Reply
 */

/** How often the page is told how far a job is. */
const NOTICE_MS = 100;
/** Rows that a model is timed on, a run. */
const TIMED_ROWS = 8192;

/** @type {Running | null} */
let running = null;
/** @type {Promise<JobStore> | null} */
let opened = null;
/** @type {{key: string, archive: Archive} | null} */
let archive = null;

const work = new Service(
  /**
   * @param {BatchWork & {id: number}} request
   * @param {Port} port
   * @returns {Promise<Reply>}
   */
  async (request, port) => {
    switch (request.type) {
      case "run_job":
        return { value: await runJob(request, port) };
      case "time_model":
        return { value: await timeModel(request) };
      default:
        return unreachable(request);
    }
  },
);

const questions = new Service(
  /**
   * @param {BatchQuestion & {id: number}} request
   * @returns {Promise<Reply>}
   */
  async (request) => ({ value: await answer(request, await store()) }),
);

const listenToWork = work.listener(self);
const listenToQuestions = questions.listener(self);
self.onmessage = ({ data }) => {
  if (data.type === "run_job" || data.type === "time_model") listenToWork(data);
  else listenToQuestions(data);
};

/** The store, opened anew where that failed before. */
function store() {
  opened ??= JobStore.open();
  opened.catch(() => {
    opened = null;
  });
  return opened;
}

/**
 * @param {BatchQuestion} request
 * @param {JobStore} jobs
 * @returns {Promise<Results[BatchQuestion["type"]]>}
 */
async function answer(request, jobs) {
  switch (request.type) {
    case "inspect_file":
      return inspect(request);
    case "create_job": {
      const source = await openSource(request.file, request.facts.name);
      await source.check();
      const job = newJob(request.facts, crypto.randomUUID(), Date.now(), source.start);
      await jobs.create(job, request.file);
      return { job };
    }
    case "pause_job":
      running?.pause();
      return {};
    case "list_jobs":
      return { jobs: await jobs.jobs(), elsewhere: await elsewhere() };
    case "end_job":
      return { job: await jobs.end(request.job, request.status) };
    case "delete_job":
      await jobs.remove(request.job);
      return {};
    case "read_results":
      return { rows: await results(jobs, request) };
    case "read_bad_rows":
      return { rows: await badRows(jobs, request) };
    case "save_results": {
      const write = request.format === "csv" ? resultsAsCsv : resultsAsParquet;
      return { file: await write(await jobs.job(request.job), jobs.parts("chunks", request.job)) };
    }
    case "save_bad_rows":
      return { file: await badRowsAsCsv(jobs.parts("problems", request.job)) };
    case "take_file":
      return { file: await jobs.file(request.job) };
    default:
      return unreachable(request);
  }
}

/**
 * @param {import("../shared/protocol.js").InspectFile} request
 * @returns {Promise<Results["inspect_file"]>}
 */
async function inspect({ file, name, rows }) {
  const source = await openSource(file, name);
  const names = source.columns.map((column) => column.name);
  const part = source.rows === 0 ? null : await source.read(source.start, names, rows);
  const columns = Object.fromEntries(
    names.map((each, place) => [each, part?.columns[place] ?? { values: [], codes: new Uint32Array() }]),
  );
  const head = { rows: [...(part?.rows ?? [])], columns, problems: part?.problems ?? [] };
  return { format: source.format, rows: source.rows, columns: source.columns, head };
}

/**
 * @param {RunJob} request
 * @param {Port} port
 * @returns {Promise<Results["run_job"]>}
 */
async function runJob({ job: id, ground, port: answering }, port) {
  const jobs = await store();
  const ended = await holding(id, async () => {
    const job = await jobs.job(id);
    if (job.status !== "unfinished") return { job, ended: /** @type {const} */ ("done") };
    checkRelease(job, ground);
    return advance(job, jobs, ground, answering, port);
  });
  return ended ?? { job: await jobs.job(id), ended: "elsewhere" };
}

/**
 * @param {Job} job
 * @param {JobStore} jobs
 * @param {Ground} ground
 * @param {MessagePort} answering
 * @param {Port} port
 * @returns {Promise<Results["run_job"]>}
 */
async function advance(job, jobs, ground, answering, port) {
  const calls = callsOver(answering);
  const { encoding, segment } = ground;
  running = new Running(job, {
    source: await openSource(await jobs.file(job.id), job.name),
    table: encoding,
    history: historyOf(ground),
    answer: job.engine === "graph" ? answeringByGraph(calls, encoding, segment) : answeringByPython(calls, encoding),
    keep: (before, step) => jobs.advance(before, step),
    onProgress: notifier(port),
    now_ms: () => performance.now(),
  });
  try {
    const { job: advanced, finished } = await running.run();
    if (!finished) return { job: advanced, ended: "paused" };
    return { job: await jobs.end(job.id, "done"), ended: "done" };
  } catch (error) {
    if (error instanceof FullError) return { job: await jobs.job(job.id), ended: "full" };
    if (error instanceof ElsewhereError) return { job: await jobs.job(job.id), ended: "elsewhere" };
    throw error;
  } finally {
    running = null;
  }
}

/**
 * @param {Job} job
 * @param {Ground} ground
 */
function checkRelease({ release }, ground) {
  if (release === ground.release) return;
  const got = `release: got ${ground.release}, expected ${release}, with which this job was begun`;
  throw new ForeshoreError("validation", `${got}; start it again with the release of now`, { field: "release" });
}

/**
 * @param {Port} port
 * @returns {(job: Job) => void} Tells the page now and then.
 */
function notifier(port) {
  let told_ms = Number.NEGATIVE_INFINITY;
  return (job) => {
    const now_ms = performance.now();
    if (now_ms - told_ms < NOTICE_MS && job.progress.fraction < 1) return;
    told_ms = now_ms;
    port.postMessage({ type: "job", job }, []);
  };
}

/**
 * @param {TimeModel} request
 * @returns {Promise<Results["time_model"]>}
 */
async function timeModel({ file, name, mapping, ground, port, runs }) {
  const source = await openSource(file, name);
  const names = Object.values(mapping).filter((column) => column !== null);
  const part = await source.read(source.start, names, TIMED_ROWS);
  const places = new Map(names.map((each, place) => [each, place]));
  const served = ground.encoding.fields.filter((field) => mapping[field.name] != null);
  const cells = Object.fromEntries(
    served.map((field) => {
      const column = part.columns[Number(places.get(String(mapping[field.name])))];
      return [field.name, changed(column, valueReader(field))];
    }),
  );
  const { good, columns } = sift(ground.encoding, cells, part.rows);
  await historyOf(ground)?.fill(cells, good, columns);
  const calls = callsOver(port);
  const samples_ms = good.length ? await timed(calls, columns, ground.segment, runs) : [];
  return { rows: good.length, samples_ms };
}

/**
 * @param {Calls} calls
 * @param {import("../shared/protocol.js").Tensors} columns
 * @param {string | null} segment
 * @param {number} runs
 */
async function timed(calls, columns, segment, runs) {
  const samples = [];
  for (let run = 0; run <= runs; run++) {
    const feeds = structuredClone(columns);
    const segments = segment ? /** @type {Int32Array} */ (feeds[segment].data) : undefined;
    const start_ms = performance.now();
    await calls.call({ type: "run", feeds, segments }, { transfer: buffersOf(feeds) });
    samples.push(performance.now() - start_ms);
  }
  return samples.slice(1); // the first finds nothing laid out for so many rows
}

/**
 * A pipeline's history; the tables that one job needed are there for the next.
 *
 * @param {Ground} ground
 */
function historyOf({ release, view, clock, history }) {
  if (!view || !history) return null;
  const key = JSON.stringify([release, history]);
  if (archive?.key !== key) archive = { key, archive: new Archive(history, globalThis) };
  return new HistoryColumns(view, clock, archive.archive);
}

/** @param {MessagePort} port */
function callsOver(port) {
  const calls = new Calls(port);
  port.onmessage = ({ data }) => calls.receive(data);
  return calls;
}

/**
 * @param {JobStore} jobs
 * @param {{job: string, start: number, count: number}} range
 */
async function results(jobs, { job, start, count }) {
  /** @type {unknown[][]} */
  const found = [];
  for await (const chunk of jobs.parts("chunks", job, start)) {
    const from = Math.max(0, start - chunk.start);
    for (let place = from; place < chunk.rows.length && found.length < count; place++)
      found.push([chunk.rows[place], ...chunk.columns.map((column) => storedValue(column, place))]);
    if (found.length >= count) break;
  }
  return found;
}

/**
 * @param {JobStore} jobs
 * @param {{job: string, start: number, count: number}} range
 */
async function badRows(jobs, { job, start, count }) {
  /** @type {import("../shared/jobs.js").BadRow[]} */
  const found = [];
  for await (const part of jobs.parts("problems", job, start)) {
    found.push(
      ...part.rows.slice(Math.max(0, start - part.start), Math.max(0, start - part.start) + count - found.length),
    );
    if (found.length >= count) break;
  }
  return found;
}
