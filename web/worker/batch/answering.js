/** How sifted rows come to their answers: by the graph alone, or by Python around the model. */

import { coded, packed } from "../../shared/coded.js";
import { decode, decodeNumbers } from "../../shared/encoding.js";
import { recordsForPython } from "../../shared/records.js";
import { buffersOf } from "../../shared/tensors.js";

/**
 * @typedef {import("../../shared/calls.js").Calls} Calls
 * @typedef {import("../../shared/coded.js").Coded} Coded
 * @typedef {import("../../shared/encoding.js").Ranked} Ranked
 * @typedef {import("../../shared/jobs.js").StoredColumn} StoredColumn
 * @typedef {import("../../shared/protocol.js").Tensors} Tensors
 * @typedef {import("../../shared/release.js").EncodingTable} EncodingTable
 *
 * @typedef {object} Asked Rows that fit the contract.
 * @property {Record<string, Coded>} cells Wire values by field, of all rows.
 * @property {Uint32Array} good Places of those rows.
 * @property {Tensors} columns Of those rows, context included.
 *
 * @typedef {{numbers: Float32Array | Float64Array} | {rankings: Ranked[][]}} Outcome Of one output.
 * @typedef {(asked: Asked) => Promise<Outcome[]>} Answering In the order of the contract's outputs.
 */

/**
 * @param {Calls} model
 * @param {EncodingTable} table
 * @param {string | null} segment The field by whose value models differ.
 * @returns {Answering}
 */
export function answeringByGraph(model, table, segment) {
  return async ({ good, columns }) => {
    const segments = segment ? /** @type {Int32Array} */ (columns[segment].data) : undefined;
    const request = { type: /** @type {const} */ ("run"), feeds: columns, segments };
    const { outputs } = await model.call(request, { transfer: buffersOf(columns) });
    return outcomesOf(table, outputs, good.length);
  };
}

/**
 * @param {EncodingTable} table
 * @param {Tensors} tensors
 * @param {number} rows
 * @returns {Outcome[]}
 */
function outcomesOf(table, tensors, rows) {
  return table.outputs.map((output) => {
    if (output.labels.length === 0) return { numbers: decodeNumbers(output, tensors, rows) };
    const ranked = decode({ ...table, outputs: [output] }, tensors, rows);
    return { rankings: ranked.map((answer) => /** @type {Ranked[]} */ (answer[output.name])) };
  });
}

/**
 * @param {Calls} python
 * @param {EncodingTable} table
 * @returns {Answering}
 */
export function answeringByPython(python, table) {
  return async ({ cells, good, columns }) => {
    const { images: _, ...asked } = recordsForPython(recordsOf(table, cells, good, columns));
    const request = { type: /** @type {const} */ ("predict"), ...asked, images: [], first_row: 0 };
    const answers = /** @type {Record<string, any>[]} */ (JSON.parse((await python.call(request)).answers));
    return table.outputs.map(({ name, labels }) =>
      labels.length
        ? { rankings: answers.map((answer) => answer[name]) }
        : { numbers: Float64Array.from(answers, (answer) => answer[name]) },
    );
  };
}

/**
 * @param {EncodingTable} table
 * @param {Record<string, Coded>} cells
 * @param {Uint32Array} good
 * @param {Tensors} columns
 * @returns {Record<string, unknown>[]}
 */
function recordsOf({ fields }, cells, good, columns) {
  const looked = fields.filter(({ name, column }) => !Object.hasOwn(cells, name) && column === "float32");
  return Array.from(good, (row, place) => {
    const carried = Object.entries(cells).map(([name, { values, codes }]) => [name, values[codes[row]]]);
    const found = looked
      .map(({ name }) => /** @type {const} */ ([name, Number(columns[name].data[place])]))
      .filter(([, value]) => !Number.isNaN(value));
    return Object.fromEntries([...carried, ...found]);
  });
}

/**
 * An output as it is stored: a number a row, or of a ranking its first.
 *
 * @param {Outcome} outcome
 * @returns {StoredColumn[]}
 */
export function storedColumns(outcome) {
  if ("numbers" in outcome) return [outcome.numbers];
  const firsts = outcome.rankings.map(([first]) => first);
  return [
    packed(coded(firsts.length, (row) => firsts[row].label)),
    Int32Array.from(firsts, ({ index }) => index),
    Float64Array.from(firsts, ({ score }) => score),
  ];
}
