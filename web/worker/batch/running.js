/** One job on its way: its file is read, sifted, answered and stored, some chunks at a time. */

import { valueReader } from "../../shared/cells.js";
import { changed, packed, taken } from "../../shared/coded.js";
import { ForeshoreError } from "../../shared/errors.js";
import { counted, emptyHistogram } from "../../shared/histogram.js";
import { Queue } from "../../shared/queue.js";
import { sift } from "../../shared/sift.js";
import { storedColumns } from "./answering.js";

/**
 * @typedef {import("../../shared/coded.js").Coded} Coded
 * @typedef {import("../../shared/errors.js").Problem} Problem
 * @typedef {import("../../shared/history-columns.js").HistoryColumns} HistoryColumns
 * @typedef {import("../../shared/jobs.js").BadRow} BadRow
 * @typedef {import("../../shared/jobs.js").Job} Job
 * @typedef {import("../../shared/jobs.js").Progress} Progress
 * @typedef {import("../../shared/jobs.js").StoredColumn} StoredColumn
 * @typedef {import("../../shared/release.js").EncodingTable} EncodingTable
 * @typedef {import("./answering.js").Answering} Answering
 * @typedef {import("./answering.js").Outcome} Outcome
 * @typedef {import("./source.js").Part} Part
 * @typedef {import("./source.js").Source} Source
 * @typedef {import("./store.js").Advance} Advance
 *
 * @typedef {object} Means What a job needs to run.
 * @property {Source} source
 * @property {EncodingTable} table
 * @property {HistoryColumns | null} history
 * @property {Answering} answer
 * @property {(before: Job, advance: Advance) => Promise<void>} keep Makes a step's results and progress durable together.
 * @property {(job: Job) => void} onProgress Told after every step.
 * @property {() => number} now_ms
 *
 * @typedef {object} Answered A part of the file, read and answered.
 * @property {Part} part
 * @property {BadRow[]} problems
 * @property {number} bad Rows.
 * @property {Uint32Array} rows Numbers of the good ones.
 * @property {StoredColumn[]} carried
 * @property {Outcome[]} outcomes
 */

/** Rows a chunk: enough that a message costs little beside its rows, few enough that several are held at once. */
const CHUNK_ROWS = { graph: 8192, python: 1024 };
/** Chunks on their way at once: while one is answered, one is stored and the next are read. */
const DEPTH = 4;

/** Takes one job from where it stands to its end, or until it is paused. */
export class Running {
  #storing = new Queue();
  #paused = false;
  /** Whether a part could not be answered or stored, after which none may be. */
  #isBroken = false;
  /** @type {unknown} */
  #failure = null;
  #job;
  #means;
  #mark_ms;

  /**
   * @param {Job} job
   * @param {Means} means
   */
  constructor(job, means) {
    this.#job = job;
    this.#means = means;
    this.#mark_ms = means.now_ms();
  }

  /** Read nothing more. What is on its way is still answered and stored. */
  pause() {
    this.#paused = true;
  }

  /**
   * @returns {Promise<{job: Job, finished: boolean}>}
   * @throws {unknown} What ended it; the chunks before are stored.
   */
  async run() {
    const { source } = this.#means;
    let place = this.#job.progress.at;
    let done = source.rows === 0;
    /** @type {Promise<void>[]} */
    const waiting = [];
    while (!done && !this.#paused && this.#failure === null) {
      const part = await this.#read(place);
      if (part === null) break;
      ({ next: place, done } = part);
      waiting.push(this.#take(part));
      if (waiting.length >= DEPTH) await waiting.shift();
    }
    await Promise.all(waiting);
    if (this.#failure !== null) throw this.#failure;
    return { job: this.#job, finished: done };
  }

  /**
   * @param {import("./source.js").Place} place
   * @returns {Promise<Part | null>} Null where it can't be read: that ends the run once everything on its way has ended.
   */
  async #read(place) {
    try {
      return await this.#means.source.read(place, this.#wanted(), CHUNK_ROWS[this.#job.engine]);
    } catch (error) {
      this.#failure ??= error;
      return null;
    }
  }

  #wanted() {
    return [...new Set([...Object.values(this.#job.mapping).filter((name) => name !== null), ...this.#job.carried])];
  }

  /**
   * Answer a part, and store it after those before it.
   *
   * @param {Part} part
   * @returns {Promise<void>} Never rejected: a failure ends the run once everything on its way has ended.
   */
  #take(part) {
    const answered = this.#answered(part);
    answered.catch(() => {}); // it is told when its turn comes
    return this.#storing.add(async () => {
      try {
        if (!this.#isBroken) await this.#keep(await answered);
      } catch (error) {
        this.#isBroken = true;
        this.#failure ??= error;
      }
    });
  }

  /**
   * @param {Part} part
   * @returns {Promise<Answered>}
   */
  async #answered(part) {
    const { table, history, answer } = this.#means;
    const columns = new Map(this.#wanted().map((name, place) => [name, part.columns[place]]));
    const cells = this.#cells(columns);
    const { good, columns: sifted, problems } = sift(table, cells, part.rows);
    const carried = this.#job.columns
      .filter(({ name }) => this.#job.carried.includes(name))
      .map(({ name }) => carriedColumn(/** @type {Coded} */ (columns.get(name)), good));
    await history?.fill(cells, good, sifted);
    const rows = good.map((place) => part.rows[place]);
    const outcomes = good.length ? await answer({ cells, good, columns: sifted }).catch(throwInFile(rows)) : [];
    return {
      ...{ part, carried, outcomes, rows },
      problems: merged(part.problems, problems),
      bad: part.problems.length + part.rows.length - good.length,
    };
  }

  /** @param {ReadonlyMap<string, Coded>} columns */
  #cells(columns) {
    /** @type {Record<string, Coded>} */
    const cells = {};
    for (const field of this.#means.table.fields) {
      const column = columns.get(this.#job.mapping[field.name] ?? "");
      if (this.#job.mapping[field.name] != null && column) cells[field.name] = changed(column, valueReader(field));
    }
    return cells;
  }

  /** @param {Answered} answered */
  async #keep({ part, rows, carried, outcomes, problems, bad }) {
    const before = this.#job;
    const now_ms = this.#means.now_ms();
    const { progress } = before;
    const next = {
      ...summed(progress, this.#job, outcomes),
      at: part.next,
      fraction: part.done ? 1 : this.#means.source.fraction(part.next),
      good: progress.good + rows.length,
      bad: progress.bad + bad,
      problems: progress.problems + problems.length,
      elapsed_ms: progress.elapsed_ms + now_ms - this.#mark_ms,
    };
    this.#mark_ms = now_ms;
    const job = { ...before, progress: next };
    const columns = [...carried, ...outcomes.flatMap(storedColumns)];
    await this.#means.keep(before, { chunk: { job: job.id, start: progress.good, rows, columns }, problems, job });
    this.#job = job;
    this.#means.onProgress(job);
  }
}

/**
 * @param {Uint32Array} rows Numbers in the file of those that were asked.
 * @returns {(error: unknown) => never} Throws the error, its row called as in the file.
 */
function throwInFile(rows) {
  return (error) => {
    if (!(error instanceof ForeshoreError) || error.row === null) throw error;
    const row = rows[error.row];
    const message = error.message.replace(`(row ${error.row})`, `(row ${row})`);
    throw new ForeshoreError(error.kind, message, { field: error.field, row, cause: error });
  };
}

/**
 * @param {Coded} column
 * @param {Uint32Array} good
 * @returns {StoredColumn}
 */
function carriedColumn(column, good) {
  return packed(changed(taken(column, good), (value) => (isNested(value) ? JSON.stringify(value, plainly) : value)));
}

/** @param {unknown} value */
function isNested(value) {
  return typeof value === "object" && value !== null;
}

/**
 * @param {string} _key
 * @param {unknown} value
 */
function plainly(_key, value) {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return ArrayBuffer.isView(value) ? [.../** @type {Uint8Array} */ (value)] : value;
}

/**
 * Problems of rows that are not whole and of those that are, in the order of the rows.
 *
 * @param {readonly Problem[]} ragged
 * @param {readonly Problem[]} refused
 * @returns {BadRow[]}
 */
function merged(ragged, refused) {
  const all = ragged.length ? [...ragged, ...refused].sort((a, b) => a.row - b.row) : refused;
  return all.map(({ row, field, got, expected }) => ({ row, field, reason: `got ${got}, expected ${expected}` }));
}

/**
 * @param {Progress} progress
 * @param {Job} job
 * @param {readonly Outcome[]} outcomes
 * @returns {Progress} With these outcomes counted.
 */
function summed(progress, job, outcomes) {
  const histograms = { ...progress.histograms };
  const labels = { ...progress.labels };
  for (const [place, outcome] of outcomes.entries()) {
    const { name } = job.outputs[place];
    if ("numbers" in outcome) histograms[name] = counted(histograms[name] ?? emptyHistogram(), outcome.numbers);
    else labels[name] = tallied(labels[name] ?? {}, outcome.rankings);
  }
  return { ...progress, histograms, labels };
}

/**
 * @param {Record<string, number>} before
 * @param {readonly import("../../shared/encoding.js").Ranked[][]} rankings
 */
function tallied(before, rankings) {
  const tally = new Map(Object.entries(before));
  for (const [{ label }] of rankings) tally.set(label, (tally.get(label) ?? 0) + 1);
  return Object.fromEntries(tally);
}
