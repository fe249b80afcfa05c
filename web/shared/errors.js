/** The one error class of the browser's code, and its form as data where it crosses a worker's boundary. */

/** @typedef {(typeof import("../generated/vocabulary.js").ERROR_KINDS)[number]} ErrorKind */

/**
 * What is wrong with one value of one record.
 *
 * @typedef {object} Problem
 * @property {number} row Zero-based position of the record among those that were given.
 * @property {string} field Name of the field, or "" when the record as a whole is wrong.
 * @property {string} got
 * @property {string} expected
 * @property {string} message One sentence for people.
 */

/**
 * An error as data; what `ForeshoreError.to_json` writes in Python.
 *
 * @typedef {object} ErrorData
 * @property {ErrorKind} kind
 * @property {string} message
 * @property {string | null} field
 * @property {number | null} row
 * @property {Problem[]} problems
 */

/** Anything that Foreshore refuses or fails to do. */
export class ForeshoreError extends Error {
  /**
   * @param {ErrorKind} kind
   * @param {string} message The value got, what was expected, and what to do.
   * @param {{field?: string | null, row?: number | null, problems?: Problem[], cause?: unknown}} [where]
   */
  constructor(kind, message, { field = null, row = null, problems = [], cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ForeshoreError";
    this.kind = kind;
    this.field = field;
    this.row = row;
    this.problems = problems;
  }

  /** @returns {ErrorData} */
  toJSON() {
    const { kind, message, field, row, problems } = this;
    return { kind, message, field, row, problems };
  }

  /**
   * @param {ErrorData} data
   * @returns {ForeshoreError}
   */
  static fromJSON(data) {
    return new ForeshoreError(data.kind, data.message, data);
  }
}

/** A runtime has broken down: nothing more can be asked of the worker that holds it. */
export class Breakdown extends ForeshoreError {
  /**
   * @param {string} runtime
   * @param {unknown} cause
   */
  constructor(runtime, cause) {
    super("internal", `${runtime} broke down (${cause}); open the pipeline again`, { cause });
  }
}

/**
 * The error as a ForeshoreError, whatever was thrown: an abort is "cancelled", anything unforeseen is `kind`.
 *
 * @param {unknown} thrown
 * @param {ErrorKind} [kind]
 * @returns {ForeshoreError}
 */
export function asForeshoreError(thrown, kind = "internal") {
  if (thrown instanceof ForeshoreError) return thrown;
  if (thrown instanceof Error && thrown.name === "AbortError") return cancelled(thrown);
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new ForeshoreError(kind, message, { cause: thrown });
}

/** What browsers say of a script that an `import()` could not get: Chromium and Firefox, then WebKit. */
const NOT_IMPORTED = /dynamically imported module|importing a module script failed/i;

/**
 * A script was checked when it was downloaded; importing it fails where the cache has let it go and the server is away.
 *
 * @param {unknown} thrown
 * @param {string} what Was to be imported.
 * @returns {ForeshoreError | null} Null where something else was thrown.
 */
export function notImported(thrown, what) {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  if (!NOT_IMPORTED.test(reason)) return null;
  return new ForeshoreError("network", `${what}: ${reason}; check the connection and try again`, { cause: thrown });
}

/**
 * @param {unknown} [cause] The signal's reason.
 * @returns {ForeshoreError}
 */
export function cancelled(cause) {
  return new ForeshoreError("cancelled", "cancelled by the caller's AbortSignal", { cause });
}
