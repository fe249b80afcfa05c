// Files to try at once, made of a pipeline's recorded cases. No DOM.

import Papa from "papaparse";

/** @typedef {import("../../shared/release.js").Contract} Contract */
/** @typedef {Record<string, unknown>} Row */

/** Every so many rows one is wrong, to show what becomes of it. */
const WRONG_EVERY = 4999;
const PART_ROWS = 10_000;

/**
 * The recorded cases as they are.
 *
 * @param {string} pipeline
 * @param {readonly Row[]} records
 */
export function recordedFile(pipeline, records) {
  const columns = Object.keys(records[0] ?? {});
  const rows = records.map((record) => columns.map((name) => record[name]));
  return fileOf(`${pipeline}-recorded.csv`, [csvText([columns, ...rows])]);
}

/**
 * So many rows, each some recorded case without what else was known, and here and there a wrong one.
 *
 * @param {Contract} contract
 * @param {readonly Row[]} records
 * @param {number} rows
 */
export function drawnFile(contract, records, rows) {
  const columns = contract.fields.map(({ name }) => name);
  const draw = drawing();
  const spoilt = contract.fields.findIndex(
    ({ dtype }) => dtype === "category" || dtype === "float32" || dtype === "int32",
  );
  const rowOf = (/** @type {number} */ row) => {
    const record = records[draw(records.length)];
    const cells = columns.map((name) => record[name]);
    if (row % WRONG_EVERY === 0 && spoilt >= 0) cells[spoilt] = "?";
    return cells;
  };
  const parts = [csvText([columns])];
  for (let start = 1; start <= rows; start += PART_ROWS) {
    const length = Math.min(PART_ROWS, rows - start + 1);
    parts.push(csvText(Array.from({ length }, (_, place) => rowOf(start + place))));
  }
  return fileOf(`${contract.name}-drawn.csv`, parts);
}

/** @param {unknown[][]} rows */
function csvText(rows) {
  return `${Papa.unparse(/** @type {any} */ (rows), { newline: "\n" })}\n`;
}

/**
 * @param {string} name
 * @param {string[]} parts
 */
function fileOf(name, parts) {
  return new File(parts, name, { type: "text/csv" });
}

/**
 * The same numbers each time (a linear congruential generator, Numerical Recipes' constants), so that a sample is the same each time.
 *
 * @returns {(below: number) => number}
 */
function drawing() {
  let state = 2013;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
