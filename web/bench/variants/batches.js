/** Batches out of sample rows. */

/**
 * @typedef {import("../../shared/protocol.js").Tensor} Tensor
 * @typedef {import("../../shared/protocol.js").TensorData} TensorData
 * @typedef {import("../../shared/protocol.js").Tensors} Tensors
 */

/**
 * The first `count` of rows that repeat for ever.
 *
 * @param {Tensors} rows Each with as many rows, at least one.
 * @param {number} count
 * @returns {Tensors}
 */
export function batchOf(rows, count) {
  return Object.fromEntries(Object.entries(rows).map(([name, tensor]) => [name, repeatedTensor(tensor, count)]));
}

/**
 * @param {Tensor} tensor
 * @param {number} count
 * @returns {Tensor}
 */
function repeatedTensor({ data, dims: [rows, ...rest] }, count) {
  const size = data.length / rows;
  const Data = /** @type {new (length: number) => TensorData} */ (data.constructor);
  const repeated = new Data(count * size);
  for (let row = 0; row < count; row += rows) {
    const part = data.subarray(0, Math.min(rows, count - row) * size);
    repeated.set(/** @type {any} */ (part), row * size);
  }
  return { data: repeated, dims: [count, ...rest] };
}
