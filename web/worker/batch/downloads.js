/** A job's results and bad rows as files, made part by part so that memory holds few of them at a time. */

import { ByteWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import Papa from "papaparse";
import { resultColumns, storedLength, storedValue } from "../../shared/jobs.js";

/**
 * @typedef {import("../../shared/jobs.js").BadRow} BadRow
 * @typedef {import("../../shared/jobs.js").Chunk} Chunk
 * @typedef {import("../../shared/jobs.js").Job} Job
 * @typedef {import("../../shared/jobs.js").ResultColumn} ResultColumn
 * @typedef {import("../../shared/jobs.js").StoredColumn} StoredColumn
 */

/** Rows a row group of a Parquet file. */
const GROUP_ROWS = 100_000;

/** @type {Record<ResultColumn["kind"], import("hyparquet-writer").BasicType>} */
const TYPES = {
  ...{ text: "STRING", other: "STRING", boolean: "BOOLEAN" },
  ...{ int32: "INT32", int64: "INT64", float: "FLOAT", double: "DOUBLE" },
};

/**
 * @param {Job} job
 * @param {AsyncIterable<Chunk>} chunks
 * @returns {Promise<Blob>}
 */
export async function resultsAsCsv(job, chunks) {
  const parts = [new Blob([lines([["row", ...resultColumns(job).map(({ name }) => name)]])])];
  for await (const { rows, columns } of chunks) {
    const cells = Array.from(rows, (row, place) => [row, ...columns.map((column) => storedValue(column, place))]);
    parts.push(new Blob([lines(cells)]));
  }
  return new Blob(parts, { type: "text/csv" });
}

/**
 * @param {AsyncIterable<{rows: BadRow[]}>} problems
 * @returns {Promise<Blob>}
 */
export async function badRowsAsCsv(problems) {
  const parts = [new Blob([lines([["row", "field", "reason"]])])];
  for await (const { rows } of problems)
    parts.push(new Blob([lines(rows.map(({ row, field, reason }) => [row, field, reason]))]));
  return new Blob(parts, { type: "text/csv" });
}

/** @param {unknown[][]} rows */
function lines(rows) {
  return rows.length ? `${Papa.unparse(/** @type {any} */ (rows), { newline: "\n" })}\n` : "";
}

/**
 * @param {Job} job
 * @param {AsyncIterable<Chunk>} chunks
 * @returns {Promise<Blob>}
 */
export async function resultsAsParquet(job, chunks) {
  const columns = [{ name: "row", kind: /** @type {const} */ ("int32") }, ...resultColumns(job)];
  const parts = new Parts();
  const schema = schemaFromColumnData({ columnData: columns.map((column) => dataOf(column, [], [])) });
  const writer = new ParquetWriter({ writer: parts, schema });
  /** @type {Chunk[]} */
  let held = [];
  const flush = async () => {
    const columnData = columns.map((column, place) =>
      dataOf(
        column,
        held,
        held.map((chunk) => (place ? chunk.columns[place - 1] : Int32Array.from(chunk.rows))),
      ),
    );
    if (held.length) await writer.write({ columnData, rowGroupSize: Number.MAX_SAFE_INTEGER });
    held = [];
  };
  for await (const chunk of chunks) {
    held.push(chunk);
    if (held.reduce((sum, { rows }) => sum + rows.length, 0) >= GROUP_ROWS) await flush();
  }
  await flush();
  await writer.finish();
  return parts.blob();
}

/**
 * @param {ResultColumn} column
 * @param {readonly Chunk[]} chunks
 * @param {readonly StoredColumn[]} stored The column's part of each chunk.
 * @returns {import("hyparquet-writer").ColumnSource}
 */
function dataOf({ name, kind }, chunks, stored) {
  const total = chunks.reduce((sum, { rows }) => sum + rows.length, 0);
  const data = new Array(total);
  let place = 0;
  for (const column of stored) {
    const length = storedLength(column);
    for (let row = 0; row < length; row++) data[place++] = fitting(storedValue(column, row), kind);
  }
  return { name, data, type: TYPES[kind], nullable: true };
}

/**
 * @param {unknown} value
 * @param {ResultColumn["kind"]} kind
 */
function fitting(value, kind) {
  if (value === null || value === undefined) return null;
  if (kind === "double") return Number(value);
  return kind === "text" || kind === "other" ? String(value) : value;
}

/** What is written, let go of into a blob after every row group. */
class Parts extends ByteWriter {
  /** @type {Blob[]} */
  #blobs = [];

  flush() {
    this.#blobs.push(new Blob([this.getBytes().slice()]));
    this.index = 0;
  }

  /** @override */
  finish() {
    this.flush();
  }

  blob() {
    return new Blob(this.#blobs, { type: "application/vnd.apache.parquet" });
  }
}
