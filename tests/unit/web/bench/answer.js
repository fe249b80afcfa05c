// Answers records by the plain JavaScript of the benchmark: node answer.js <pipeline> [<weights folder>] < records.json > answers.json

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { networkOf } from "../../../../web/bench/plain/networks.js";
import { PIPELINES } from "../../../../web/bench/plain/pipelines.js";

const [name, folder] = process.argv.slice(2);
const records = JSON.parse(readFileSync(0, "utf8"), (_, value) =>
  typeof value?.data === "string" ? { ...value, data: new Uint8Array(Buffer.from(value.data, "base64")) } : value,
);
const { prepare, decode } = PIPELINES[name];
const { feeds, segments } = prepare(records);
const [features] = Object.values(feeds);
const predictions = folder && (await open(folder).run(features, segments ?? new Int32Array()));
const numbers = (/** @type {ArrayLike<any>} */ list) => Array.from(list, Number);
process.stdout.write(
  JSON.stringify({
    features: numbers(features.data),
    ...(predictions && { predictions: numbers(predictions.data), answers: Array.from(decode(predictions)) }),
  }),
);

/** @param {string} weights Folder. */
function open(weights) {
  const description = JSON.parse(readFileSync(join(weights, "weights.json"), "utf8"));
  const { buffer, byteOffset, byteLength } = readFileSync(join(weights, description.weights));
  return networkOf(description, /** @type {ArrayBuffer} */ (buffer.slice(byteOffset, byteOffset + byteLength)));
}
