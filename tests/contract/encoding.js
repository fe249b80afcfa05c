// Encodes and decodes in JavaScript what Python asks for: one JSON command a line, one JSON answer a line.
// {"name": "encode", "arguments": [table, recordsText]} -> {"result": {"ok": {field: [numbers]}}} or {"result": {"error": …}}
import { createInterface } from "node:readline";
import { decode, encode } from "../../web/shared/encoding.js";

/** @param {number} value JSON has no NaN. */
const written = (value) => (Number.isNaN(value) ? "NaN" : value);

const COMMANDS = {
  /**
   * @param {any} table
   * @param {unknown[]} records
   */
  encode(table, records) {
    const columns = Object.entries(encode(table, records)).map(([name, { data }]) => [
      name,
      Array.from(/** @type {Int32Array} */ (data), written),
    ]);
    return Object.fromEntries(columns);
  },
  /**
   * @param {any} table
   * @param {Record<string, {data: number[], dims: number[]}>} tensors
   * @param {number} rows
   */
  decode(table, tensors, rows) {
    const typed = Object.entries(tensors).map(([name, { data, dims }]) => [
      name,
      { data: Float32Array.from(data), dims },
    ]);
    return decode(table, Object.fromEntries(typed), rows);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const run = COMMANDS[/** @type {keyof typeof COMMANDS} */ (command.name)];
  let result;
  try {
    result = { ok: run(.../** @type {[any, any, any]} */ (command.arguments)) };
  } catch (error) {
    result = { error };
  }
  process.stdout.write(`${JSON.stringify({ result })}\n`);
}
