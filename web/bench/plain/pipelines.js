/** The pipelines that somebody has written by hand: each is registered here, takes part in the benchmark, and is nowhere named else. */

import { eta } from "./eta.js";
import { see } from "./see.js";

/**
 * @typedef {import("../../shared/protocol.js").Tensor} Tensor
 * @typedef {import("../../shared/protocol.js").Tensors} Tensors
 * @typedef {import("../measure/plan.js").Plan} Plan
 */

/**
 * @template Record
 * @typedef {object} PlainPipeline
 * @property {string} noun What a record is: "flight".
 * @property {{quick: Plan, full: Plan}} plans
 * @property {number | null} target_ms What a warm prediction of one record through the public API may take; null for no
 *   such target.
 * @property {(records: readonly Record[]) => {feeds: Tensors, segments?: Int32Array}} prepare The model's inputs, and the codes
 *   of the segment field where models differ by it. New memory at each call: the worker takes it over.
 * @property {(predictions: Tensor) => ArrayLike<import("../measure/answer.js").Answer>} decode One answer a record.
 */

/** @type {Record<string, PlainPipeline<any>>} */
export const PIPELINES = { eta, see };
