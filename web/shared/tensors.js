/** Tensors by name: their buffers, and their rows taken apart and put together again. */

import { ForeshoreError } from "./errors.js";

/**
 * @typedef {import("./protocol.js").Tensor} Tensor
 * @typedef {import("./protocol.js").Tensors} Tensors
 * @typedef {import("./protocol.js").TensorData} TensorData
 *
 * @typedef {{rows: readonly number[], outputs: Tensors}} Part Outputs for some of the rows.
 */

/**
 * The buffers under tensors, each once: what a message that carries them transfers.
 *
 * @param {Tensors} tensors
 * @returns {ArrayBufferLike[]}
 */
export function buffersOf(tensors) {
  return [...new Set(Object.values(tensors).map(({ data }) => data.buffer))];
}

/**
 * Outputs for rows that are not all one model's, in the order of the rows. Where they are, nothing is copied.
 *
 * @param {(model: number, feeds: Tensors) => Promise<Tensors>} run
 * @param {Tensors} feeds
 * @param {Int32Array} models Which model answers each row.
 * @returns {Promise<Tensors>}
 * @throws {ForeshoreError} "model" where a model gives another number of rows than it was asked for.
 */
export async function runByModel(run, feeds, models) {
  if (models.every((model) => model === models[0])) return run(models[0] ?? 0, feeds);
  /** @type {Part[]} */
  const parts = [];
  for (const model of new Set(models)) {
    const rows = [...models.keys()].filter((row) => models[row] === model);
    parts.push({
      rows,
      outputs: await run(
        model,
        mapped(feeds, (tensor) => taken(tensor, rows, models.length)),
      ),
    });
  }
  return mapped(parts[0].outputs, (_, name) => merged(name, parts, models.length));
}

/**
 * @param {Tensor} tensor
 * @param {readonly number[]} rows
 * @param {number} total Rows of the batch; a tensor of another length has no rows, and is everyone's.
 * @returns {Tensor}
 */
function taken(tensor, rows, total) {
  if (tensor.dims[0] !== total) return tensor;
  const size = tensor.data.length / total;
  const data = blank(tensor.data, rows.length * size);
  copyRows(tensor.data, rows, data, null, size);
  return { data, dims: [rows.length, ...tensor.dims.slice(1)] };
}

/**
 * @param {string} name
 * @param {readonly Part[]} parts
 * @param {number} total
 * @returns {Tensor}
 */
function merged(name, parts, total) {
  const [first] = parts;
  const size = first.outputs[name].data.length / first.rows.length;
  const data = blank(first.outputs[name].data, total * size);
  for (const { rows, outputs } of parts) {
    const part = outputs[name];
    if (part?.dims[0] !== rows.length || part.data.length !== rows.length * size) throw unlike(name, part, rows.length);
    copyRows(part.data, null, data, rows, size);
  }
  return { data, dims: [total, ...first.outputs[name].dims.slice(1)] };
}

/**
 * @param {string} name
 * @param {Tensor | undefined} part
 * @param {number} rows
 */
function unlike(name, part, rows) {
  const advice = "export the models of all segments alike";
  return new ForeshoreError("model", `tensor ${name}: got shape ${part?.dims}, expected ${rows} rows; ${advice}`);
}

/**
 * @param {TensorData} data
 * @param {number} length
 * @returns {TensorData} Of the same type.
 */
function blank(data, length) {
  return new /** @type {new (length: number) => TensorData} */ (data.constructor)(length);
}

/**
 * Rows of one array into another; where either has no list of them, they are its first, in order.
 *
 * @param {TensorData} from
 * @param {readonly number[] | null} rows
 * @param {TensorData} to Of the same type.
 * @param {readonly number[] | null} places
 * @param {number} size Values a row.
 */
function copyRows(from, rows, to, places, size) {
  const count = (rows ?? places ?? []).length;
  for (let place = 0; place < count; place++) {
    const [row, target] = [rows ? rows[place] : place, places ? places[place] : place];
    // A table's columns have one value a row, and tens of thousands of rows: a view of each would take longer than the model.
    if (size === 1) to[target] = from[row];
    else to.set(/** @type {any} */ (from.subarray(row * size, (row + 1) * size)), target * size);
  }
}

/**
 * @param {Tensors} tensors
 * @param {(tensor: Tensor, name: string) => Tensor} change
 * @returns {Tensors}
 */
function mapped(tensors, change) {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor, name)]));
}
