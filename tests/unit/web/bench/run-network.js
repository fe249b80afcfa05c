// Runs networks of the benchmark's plain JavaScript: node run-network.js <weights folder> < features.json > predictions.json

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { networkOf } from "../../../../web/bench/plain/networks.js";

const folder = process.argv[2];
const description = JSON.parse(readFileSync(join(folder, "weights.json"), "utf8"));
const { buffer, byteOffset, byteLength } = readFileSync(join(folder, description.weights));
const network = networkOf(description, /** @type {ArrayBuffer} */ (buffer.slice(byteOffset, byteOffset + byteLength)));
const { data, dims } = JSON.parse(readFileSync(0, "utf8"));
const predictions = await network.run({ data: Float32Array.from(data), dims }, new Int32Array());
process.stdout.write(JSON.stringify({ data: Array.from(predictions.data, Number), dims: predictions.dims }));
