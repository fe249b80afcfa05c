/** Files with tables, told apart by what is in them. */

import { CsvSource } from "./csv.js";
import { ParquetSource, startsAsParquet } from "./parquet.js";

/**
 * @typedef {import("../../shared/coded.js").Coded} Coded
 * @typedef {import("../../shared/errors.js").Problem} Problem
 *
 * @typedef {"text" | "boolean" | "int32" | "int64" | "float" | "double" | "other"} Kind What a column's values are.
 * @typedef {{name: string, kind: Kind}} Column
 *
 * @typedef {object} Place Where reading goes on.
 * @property {number} offset Bytes of a CSV file, rows of a Parquet file.
 * @property {number} record Records before.
 *
 * @typedef {object} Part Some of a file's records.
 * @property {Uint32Array} rows Number of each whole record, the file's first being 1.
 * @property {Coded[]} columns Of those records: the columns that were asked for.
 * @property {Problem[]} problems Of the records that are not whole.
 * @property {Place} next
 * @property {boolean} done Whether there is nothing after it.
 *
 * @typedef {object} Source
 * @property {"csv" | "parquet"} format
 * @property {Column[]} columns
 * @property {number | null} rows How many, where the file says so.
 * @property {Place} start
 * @property {() => Promise<void>} check Looks through all of it for what would end a job. Raises ForeshoreError.
 * @property {(place: Place) => number} fraction How much of the file lies before, 0 to 1.
 * @property {(place: Place, columns: readonly string[], rows: number) => Promise<Part>} read About so many records from there on.
 */

/**
 * @param {Blob} file
 * @param {string} name For messages.
 * @returns {Promise<Source>}
 * @throws {import("../../shared/errors.js").ForeshoreError} "validation" where it can't be read as a table.
 */
export async function openSource(file, name) {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  return startsAsParquet(head) ? ParquetSource.open(file, name) : CsvSource.open(file, name);
}
