/**
 * What the benchmark knows of those it compares. How each works is in `contenders/`.
 *
 * @typedef {object} Answered One call.
 * @property {ArrayLike<Answer>} answers One a record.
 * @property {Record<string, number>} phases_ms The work itself, messages not counted: "prepare" (checks and features), "run"
 *   (the model), "decode", as far as there are such parts.
 *
 * @typedef {object} Session An open contender.
 * @property {(records: readonly InputRecord[]) => Promise<Answered>} predict From records to answers, as a page calls it.
 * @property {() => Promise<void>} close
 * @property {Record<string, number>} phases Milliseconds of each phase of opening, as far as the workers tell; they may overlap.
 *
 * @typedef {object} Contender
 * @property {string} id
 * @property {string} label
 * @property {string} engine "javascript", "onnxruntime" or "foreshore".
 * @property {string} variant Of the model; "" for none.
 * @property {string} provider "javascript", "wasm" or "webgpu".
 * @property {number} threads
 * @property {import("./agreement.js").Expectation[]} expectations What its answers must equal before it is timed.
 * @property {string[]} urls What it downloads before it can answer.
 * @property {(signal?: AbortSignal) => Promise<Session>} open Its files may come from the browser's cache.
 *
 * @typedef {import("./answer.js").Answer} Answer
 * @typedef {Record<string, any>} InputRecord One to be answered, as the public API takes it.
 */

export {};
