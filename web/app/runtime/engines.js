/** How an opened pipeline comes to its answers: in Python, or in one graph that needs none. */

import { decode, encode } from "../../shared/encoding.js";
import { recordsForPython } from "../../shared/records.js";
import { buffersOf } from "../../shared/tensors.js";
import { now_ms } from "./timings.js";

/**
 * @typedef {import("../../shared/calls.js").Calls} Calls
 * @typedef {import("../../shared/protocol.js").Spans} Spans
 * @typedef {import("../../shared/release.js").EncodingTable} EncodingTable
 *
 * @typedef {Record<string, number | import("../../shared/encoding.js").Ranked[]>} Outputs Output name to value, in the unit that the
 *   contract gives, or to a ranking, the highest first.
 *
 * @typedef {object} Engine
 * @property {(records: readonly unknown[], first_row: number, signal?: AbortSignal,
 *   obstacle?: import("../../shared/errors.js").ForeshoreError | null)
 *   => Promise<{outputs: Outputs[], spans: Spans, by?: Partial<import("./predictor.js").About>}>} answers Outputs a
 *   record, and the spans "prepare" (checks and features, as far as they are not in the graph), "run" (the model) and "decode"; `by`:
 *   what answered, where that was not what was opened. Rows in errors count from `first_row`. `obstacle`: why these records lack what
 *   this device would need, where a server could do without it.
 */

/** @implements {Engine} */
export class PythonEngine {
  #python;
  #table;

  /**
   * @param {Calls} python Of the worker that validates, prepares and decodes, and asks the model's worker itself.
   * @param {EncodingTable} table
   */
  constructor(python, table) {
    this.#python = python;
    this.#table = table;
  }

  /** @type {Engine["answers"]} */
  async answers(records, first_row, signal) {
    // JSON could not carry what is wrong with an image; so that is refused here, in the same words.
    if (this.#table.fields.some(({ dtype }) => dtype === "image")) encode(this.#table, records, first_row);
    const { images, ...asked } = recordsForPython(records);
    const request = { type: /** @type {const} */ ("predict"), ...asked, images, first_row };
    const transfer = images.map(({ buffer }) => buffer);
    const { answers, spans } = await this.#python.call(request, { signal, transfer });
    return { outputs: JSON.parse(answers), spans };
  }
}

/** @implements {Engine} */
export class GraphEngine {
  #model;
  #table;
  #segment;

  /**
   * @param {Calls} model Of the worker that runs the joined graph.
   * @param {EncodingTable} table
   * @param {string | null} segment The field by whose value models differ.
   */
  constructor(model, table, segment) {
    this.#model = model;
    this.#table = table;
    this.#segment = segment;
  }

  /** @type {Engine["answers"]} */
  async answers(records, first_row, signal) {
    const asked_ms = now_ms();
    const feeds = encode(this.#table, records, first_row);
    const prepare = { start_ms: asked_ms, end_ms: now_ms() };
    if (records.length === 0) return { outputs: [], spans: { prepare } };
    const segments = this.#segment ? /** @type {Int32Array} */ (feeds[this.#segment].data) : undefined;
    const request = { type: /** @type {const} */ ("run"), feeds, segments };
    const { outputs, spans } = await this.#model.call(request, { signal, transfer: buffersOf(feeds) });
    const answered_ms = now_ms();
    const decoded = decode(this.#table, outputs, records.length);
    return { outputs: decoded, spans: { prepare, ...spans, decode: { start_ms: answered_ms, end_ms: now_ms() } } };
  }
}
