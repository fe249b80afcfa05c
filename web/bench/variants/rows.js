/** Sample rows as files of little-endian numbers. */

import { download } from "../../shared/download.js";
import { ForeshoreError } from "../../shared/errors.js";

/**
 * @typedef {import("../../shared/protocol.js").Tensor} Tensor
 * @typedef {import("../../shared/protocol.js").TensorData} TensorData
 *
 * @typedef {object} Rows Of one input.
 * @property {string} name
 * @property {string} dtype By NumPy's name.
 * @property {number[]} dims
 * @property {import("../../shared/release.js").Wanted} file
 */

/** @type {Record<string, new (buffer: ArrayBuffer) => TensorData>} By NumPy's name. */
export const ARRAYS = {
  ...{ float32: Float32Array, float64: Float64Array, int8: Int8Array, uint8: Uint8Array },
  ...{ int16: Int16Array, uint16: Uint16Array, int32: Int32Array, uint32: Uint32Array },
  ...{ int64: BigInt64Array, uint64: BigUint64Array },
};

/**
 * @param {Rows} rows
 * @param {AbortSignal} [signal]
 * @returns {Promise<[string, Tensor]>}
 */
export async function loadRows({ name, dtype, dims, file }, signal) {
  const Data = ARRAYS[dtype];
  if (!Data) throw new ForeshoreError("model", `${name}: got ${dtype}, expected ${Object.keys(ARRAYS).join(", ")}`);
  const { buffer } = await download(file, globalThis, { signal });
  return [name, { data: new Data(buffer), dims }];
}
