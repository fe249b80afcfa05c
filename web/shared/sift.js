/**
 * Good rows from bad, a column at a time: `encode` for tables in which cells repeat a lot. Each distinct value is read once;
 * what is wrong with a row is told in exactly `encode`'s words.
 */

import { MISSING_INT } from "../generated/vocabulary.js";
import { brief, problem, reader } from "./encoding.js";

/**
 * @typedef {import("../generated/vocabulary.js").EncodingTable} EncodingTable
 * @typedef {import("../generated/vocabulary.js").EncodedField} EncodedField
 * @typedef {import("./coded.js").Coded} Coded
 * @typedef {import("./errors.js").Problem} Problem
 * @typedef {import("./protocol.js").Tensors} Tensors
 *
 * @typedef {object} Sifted
 * @property {Uint32Array} good Places of the rows that fit, in their order.
 * @property {Tensors} columns The contract's columns of those rows, all in one buffer.
 * @property {Problem[]} problems Everything that is wrong with the others, in the order of the rows.
 *
 * @typedef {object} Checked A field, and what its distinct values are.
 * @property {EncodedField} field
 * @property {Coded | null} column Null where the table has none: missing throughout.
 * @property {Float64Array} read In column form.
 * @property {Uint8Array} wrong 1 where a value does not fit.
 * @property {boolean} faulty Whether one of them does not.
 */

const COLUMN_BYTES = 4;

/**
 * @param {EncodingTable} table
 * @param {Record<string, Coded>} cells Wire values by field; a field that is not there is missing in every row.
 * @param {ArrayLike<number>} rows What each row is called in problems.
 * @returns {Sifted}
 */
export function sift(table, cells, rows) {
  const fields = table.fields.map((field) =>
    checked(field, Object.hasOwn(cells, field.name) ? cells[field.name] : null),
  );
  const bad = badRows(fields, rows.length);
  const good = bad === null ? everyRow(rows.length) : goodRows(bad);
  return { good, columns: gathered(fields, good), problems: bad === null ? [] : problemsOf(fields, bad, rows) };
}

/**
 * @param {EncodedField} field
 * @param {Coded | null} column
 * @returns {Checked}
 */
function checked(field, column) {
  const values = column === null ? [null] : column.values;
  const read = new Float64Array(values.length).fill(missing(field));
  const wrong = new Uint8Array(values.length);
  const readValue = reader(field);
  for (const [place, value] of values.entries()) {
    const found = value === null ? null : readValue(value);
    if (found !== null) read[place] = found;
    else if (value !== null || !field.nullable) wrong[place] = 1;
  }
  return { field, column, read, wrong, faulty: wrong.includes(1) };
}

/** @param {EncodedField} field */
function missing({ column }) {
  return column === "float32" ? Number.NaN : MISSING_INT;
}

/**
 * @param {readonly Checked[]} fields
 * @param {number} rows
 * @returns {Uint8Array | null} 1 for each row with something wrong; null where there is none.
 */
function badRows(fields, rows) {
  const faulty = fields.filter((field) => field.faulty);
  if (faulty.length === 0) return null;
  const bad = new Uint8Array(rows);
  for (const { column, wrong } of faulty) {
    if (column === null) bad.fill(1);
    else for (let row = 0; row < rows; row++) bad[row] |= wrong[column.codes[row]];
  }
  return bad.includes(1) ? bad : null;
}

/** @param {number} rows */
function everyRow(rows) {
  return Uint32Array.from({ length: rows }, (_, row) => row);
}

/** @param {Uint8Array} bad */
function goodRows(bad) {
  const good = new Uint32Array(bad.length);
  let count = 0;
  for (let row = 0; row < bad.length; row++) if (!bad[row]) good[count++] = row;
  return good.slice(0, count);
}

/**
 * @param {readonly Checked[]} fields
 * @param {Uint32Array} good
 * @returns {Tensors}
 */
function gathered(fields, good) {
  const held = fields.filter(({ field }) => field.column !== null);
  const buffer = new ArrayBuffer(held.length * good.length * COLUMN_BYTES);
  const columns = held.map((each, place) => [
    each.field.name,
    { data: gatheredColumn(each, good, buffer, place * good.length * COLUMN_BYTES), dims: [good.length] },
  ]);
  return Object.fromEntries(columns);
}

/**
 * @param {Checked} checked
 * @param {Uint32Array} good
 * @param {ArrayBuffer} buffer
 * @param {number} offset In bytes.
 */
function gatheredColumn({ field, column, read }, good, buffer, offset) {
  const Data = field.column === "float32" ? Float32Array : Int32Array;
  const data = new Data(buffer, offset, good.length);
  if (column === null) return data.fill(read[0]);
  const { codes } = column;
  for (let place = 0; place < data.length; place++) data[place] = read[codes[good[place]]];
  return data;
}

/**
 * @param {readonly Checked[]} fields
 * @param {Uint8Array} bad
 * @param {ArrayLike<number>} rows
 * @returns {Problem[]}
 */
function problemsOf(fields, bad, rows) {
  const faulty = fields.filter((field) => field.faulty);
  /** @type {Problem[]} */
  const problems = [];
  for (let row = 0; row < bad.length; row++) {
    if (!bad[row]) continue;
    for (const { field, column, wrong } of faulty) {
      const code = column?.codes[row] ?? 0;
      if (wrong[code]) problems.push(refusal(field, rows[row], column?.values[code] ?? null));
    }
  }
  return problems;
}

/**
 * @param {EncodedField} field
 * @param {number} row
 * @param {unknown} value
 */
function refusal(field, row, value) {
  return problem(row, field.name, value === null ? "nothing" : brief(value), field.expectation);
}
