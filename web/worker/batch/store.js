/** Where jobs, their files and their results are kept on the device: IndexedDB. */

import { openDB } from "idb";
import { ForeshoreError } from "../../shared/errors.js";

/**
 * @typedef {import("../../shared/jobs.js").BadRow} BadRow
 * @typedef {import("../../shared/jobs.js").Chunk} Chunk
 * @typedef {import("../../shared/jobs.js").Job} Job
 *
 * @typedef {object} Schema
 * @property {{key: string, value: Job}} jobs
 * @property {{key: string, value: {id: string, file: Blob}}} files
 * @property {{key: [string, number], value: Chunk}} chunks
 * @property {{key: [string, number], value: {job: string, start: number, rows: BadRow[]}}} problems
 *
 * @typedef {object} Advance What one step of a job adds.
 * @property {Chunk} chunk
 * @property {BadRow[]} problems
 * @property {Job} job As it is after the step.
 */

const NAME = "foreshore-batch";
const VERSION = 1;

/** Raised where the device has no more room; what was stored before is whole. */
export class FullError extends ForeshoreError {
  /** @param {unknown} cause */
  constructor(cause) {
    const message = "this site may store no more on this device; delete jobs, or make room on its disk, and go on";
    super("internal", message, { cause });
    this.name = "FullError";
  }
}

/** Raised where somebody else has taken the job further meanwhile. */
export class ElsewhereError extends ForeshoreError {
  constructor() {
    super("cancelled", "this job runs in another tab; look there, or close that tab and go on here");
    this.name = "ElsewhereError";
  }
}

/** Jobs of this site on this device. */
export class JobStore {
  #db;

  /** @param {import("idb").IDBPDatabase<any>} db */
  constructor(db) {
    this.#db = db;
  }

  /** @returns {Promise<JobStore>} */
  static async open() {
    const db = await openDB(NAME, VERSION, {
      upgrade: (fresh) => {
        fresh.createObjectStore("jobs", { keyPath: "id" });
        fresh.createObjectStore("files", { keyPath: "id" });
        fresh.createObjectStore("chunks", { keyPath: ["job", "start"] });
        fresh.createObjectStore("problems", { keyPath: ["job", "start"] });
      },
      blocking: (_current, _blocked, event) => /** @type {any} */ (event.target).close(),
    });
    return new JobStore(db);
  }

  /** @returns {Promise<Job[]>} The newest first. */
  async jobs() {
    const jobs = /** @type {Job[]} */ (await this.#db.getAll("jobs"));
    return jobs.sort((a, b) => b.created_ms - a.created_ms);
  }

  /**
   * @param {string} id
   * @returns {Promise<Job>}
   */
  async job(id) {
    const job = await this.#db.get("jobs", id);
    if (job) return job;
    throw new ForeshoreError(
      "validation",
      "this job is no longer stored here; it may have been deleted in another tab",
    );
  }

  /**
   * Keep a new job and its file.
   *
   * @param {Job} job
   * @param {Blob} file
   * @throws {FullError}
   */
  async create(job, file) {
    await this.#written(["jobs", "files"], (transaction) => [
      transaction.objectStore("jobs").add(job),
      transaction.objectStore("files").add({ id: job.id, file }),
    ]);
  }

  /**
   * @param {string} id
   * @returns {Promise<Blob>}
   */
  async file(id) {
    const kept = await this.#db.get("files", id);
    if (kept) return kept.file;
    throw new ForeshoreError("validation", "the file of this job is no longer stored here; choose it again");
  }

  /**
   * Keep a step's results and the progress that counts them, both or neither.
   *
   * @param {Job} before The job as it was when the step began.
   * @param {Advance} advance
   * @throws {FullError}
   * @throws {ElsewhereError} Where the job is no longer as it was.
   */
  async advance(before, { chunk, problems, job }) {
    await this.#written(["jobs", "chunks", "problems"], async (transaction) => {
      const stored = /** @type {Job | undefined} */ (await transaction.objectStore("jobs").get(job.id));
      if (stored?.status !== "unfinished" || stored.progress.at.offset !== before.progress.at.offset)
        throw new ElsewhereError();
      const told = { job: job.id, start: before.progress.problems, rows: problems };
      return [
        chunk.rows.length && transaction.objectStore("chunks").add(chunk),
        problems.length && transaction.objectStore("problems").add(told),
        transaction.objectStore("jobs").put(job),
      ];
    });
  }

  /**
   * End a job that has not ended yet; it then needs its file no longer.
   *
   * @param {string} id
   * @param {"done" | "cancelled"} status
   * @returns {Promise<Job>}
   */
  async end(id, status) {
    /** @type {Job | undefined} */
    let ended;
    await this.#written(["jobs", "files"], async (transaction) => {
      const job = /** @type {Job | undefined} */ (await transaction.objectStore("jobs").get(id));
      ended = job?.status === "unfinished" ? { ...job, status } : job;
      if (ended === job) return [];
      return [transaction.objectStore("jobs").put(ended), transaction.objectStore("files").delete(id)];
    });
    return ended ?? this.job(id);
  }

  /**
   * Delete a job and all that belongs to it.
   *
   * @param {string} id
   */
  async remove(id) {
    await this.#written(["jobs", "files", "chunks", "problems"], (transaction) => [
      ...["jobs", "files"].map((name) => transaction.objectStore(name).delete(id)),
      ...["chunks", "problems"].map((name) => transaction.objectStore(name).delete(rangeOf(id))),
    ]);
  }

  /**
   * The stored parts of a job from the one on that holds a place.
   *
   * @template {"chunks" | "problems"} N
   * @param {N} name
   * @param {string} id
   * @param {number} [place]
   * @returns {AsyncGenerator<Schema[N]["value"]>}
   */
  async *parts(name, id, place = 0) {
    const first = await this.#startAt(name, id, place);
    // A transaction would end while the taker of a part waits for something else, so each part is asked for by itself.
    for (let from = [id, first], open = false; ; open = true) {
      const range = IDBKeyRange.bound(from, [id, Number.POSITIVE_INFINITY], open);
      const cursor = await this.#db.transaction(name).store.openCursor(range);
      if (!cursor) return;
      from = /** @type {[string, number]} */ (cursor.key);
      yield cursor.value;
    }
  }

  /**
   * @param {"chunks" | "problems"} name
   * @param {string} id
   * @param {number} place
   */
  async #startAt(name, id, place) {
    const range = IDBKeyRange.bound([id, 0], [id, place]);
    const cursor = await this.#db.transaction(name).store.openKeyCursor(range, "prev");
    return cursor ? Number(/** @type {any} */ (cursor.key)[1]) : 0;
  }

  /**
   * Everything that `write` asks for, or nothing of it.
   *
   * @param {string[]} names
   * @param {(transaction: any) => unknown[] | Promise<unknown[]>} write Gives its requests.
   */
  async #written(names, write) {
    const transaction = this.#db.transaction(names, "readwrite");
    const done = transaction.done.then(
      () => null,
      (/** @type {unknown} */ error) => error,
    );
    try {
      await Promise.all(await write(transaction));
    } catch (error) {
      abort(transaction);
      await done;
      throw fitting(error);
    }
    const failure = await done;
    if (failure) throw fitting(failure);
  }
}

/** @param {{abort(): void}} transaction One whose request failed has ended by itself. */
function abort(transaction) {
  try {
    transaction.abort();
  } catch {
    // it is over
  }
}

/** @param {string} id */
function rangeOf(id) {
  return IDBKeyRange.bound([id, 0], [id, Number.POSITIVE_INFINITY]);
}

/** @param {unknown} error */
function fitting(error) {
  const { name = "" } = /** @type {{name?: string}} */ (error ?? {});
  return name === "QuotaExceededError" ? new FullError(error) : error;
}
