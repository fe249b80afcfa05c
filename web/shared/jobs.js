/** Batch jobs of a page as they are stored, and what follows from one. */

/**
 * @typedef {import("../worker/batch/source.js").Column} Column
 * @typedef {import("../worker/batch/source.js").Place} Place
 * @typedef {import("./histogram.js").Histogram} Histogram
 * @typedef {import("./matching.js").Mapping} Mapping
 * @typedef {import("../generated/vocabulary.js").Output} Output
 *
 * @typedef {object} Progress What of a job is done, and stored together with its results.
 * @property {Place} at Where reading goes on.
 * @property {number} fraction Of the file, 0 to 1.
 * @property {number} good Rows with an answer.
 * @property {number} bad Rows without.
 * @property {number} problems
 * @property {number} elapsed_ms While it ran.
 * @property {Record<string, Histogram>} histograms By numeric output.
 * @property {Record<string, Record<string, number>>} labels By ranking: how often each label was the first.
 *
 * @typedef {object} JobFacts What a job is made of.
 * @property {string} name Of the file.
 * @property {number} size_bytes
 * @property {"csv" | "parquet"} format
 * @property {number | null} rows How many, where the file says so.
 * @property {Column[]} columns All of the file's.
 * @property {string} pipeline
 * @property {string} release Id of the one release whose models answer.
 * @property {string} variant
 * @property {"graph" | "python"} engine
 * @property {number} threads
 * @property {Mapping} mapping
 * @property {string[]} carried Columns that stand beside the answers.
 * @property {Output[]} outputs
 *
 * @typedef {object} JobState
 * @property {string} id
 * @property {number} created_ms Since the epoch.
 * @property {"unfinished" | "done" | "cancelled"} status
 * @property {Progress} progress
 * @typedef {JobFacts & JobState} Job
 *
 * @typedef {{values: unknown[], codes: Uint8Array | Uint16Array | Uint32Array}} Packed
 * @typedef {Float32Array | Float64Array | Int32Array | Packed} StoredColumn
 *
 * @typedef {object} Chunk Rows with their answers, as they are stored.
 * @property {string} job
 * @property {number} start How many good rows there are before.
 * @property {Uint32Array} rows Their numbers in the file.
 * @property {StoredColumn[]} columns Those carried, then the outputs', as `resultColumns` names them.
 *
 * @typedef {{row: number, field: string, reason: string}} BadRow
 * @typedef {{name: string, kind: import("../worker/batch/source.js").Kind}} ResultColumn
 */

const ROW = "row";
const CARRIED = "carried_";
const TAKEN = "predicted_";

/**
 * A job that has not begun.
 *
 * @param {JobFacts} facts
 * @param {string} id
 * @param {number} created_ms
 * @param {Place} start
 * @returns {Job}
 */
export function newJob(facts, id, created_ms, start) {
  const progress = { at: start, fraction: 0, good: 0, bad: 0, problems: 0, elapsed_ms: 0, histograms: {}, labels: {} };
  return { ...facts, id, created_ms, status: "unfinished", progress };
}

/**
 * The columns of a job's results, beside the number of the row.
 *
 * @param {Pick<JobFacts, "columns" | "carried" | "outputs">} job
 * @returns {ResultColumn[]}
 */
export function resultColumns({ columns, carried, outputs }) {
  const kept = columns
    .filter(({ name }) => carried.includes(name))
    .map(({ name, kind }) => ({ name: name === ROW ? rowName(carried) : name, kind }));
  const taken = new Set([ROW, ...kept.map(({ name }) => name)]);
  const own = outputs.flatMap((output) => freeColumns(output, taken));
  return [...kept, ...own];
}

/** @param {readonly string[]} carried What a carried column `row` is called, the row's number having that name. */
function rowName(carried) {
  let name = CARRIED + ROW;
  while (carried.includes(name)) name = CARRIED + name;
  return name;
}

/**
 * @param {Output} output
 * @param {Set<string>} taken Gets their names.
 * @returns {ResultColumn[]}
 */
function freeColumns(output, taken) {
  let found = outputColumns(output.name, output);
  for (let name = output.name; found.some((column) => taken.has(column.name)); ) {
    name = TAKEN + name;
    found = outputColumns(name, output);
  }
  for (const { name } of found) taken.add(name);
  return found;
}

/**
 * @param {string} name That it goes by.
 * @param {Output} output
 * @returns {ResultColumn[]}
 */
function outputColumns(name, { labels }) {
  if (labels.length === 0) return [{ name, kind: "float" }];
  return [
    { name: `${name}_label`, kind: "text" },
    { name: `${name}_index`, kind: "int32" },
    { name: `${name}_score`, kind: "float" },
  ];
}

/**
 * @param {StoredColumn} column
 * @param {number} place
 * @returns {unknown}
 */
export function storedValue(column, place) {
  return "codes" in column ? column.values[column.codes[place]] : column[place];
}

/** @param {StoredColumn} column */
export function storedLength(column) {
  return "codes" in column ? column.codes.length : column.length;
}

/**
 * Rows a second while the job ran; null before there were any.
 *
 * @param {Progress} progress
 */
export function rateOf({ good, bad, elapsed_ms }) {
  return good + bad > 0 && elapsed_ms > 0 ? ((good + bad) / elapsed_ms) * 1000 : null;
}
