// Answers records by the plain JavaScript of the benchmark: node answer.js <weights folder> < records.json > answers.json

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FEATURE_COUNT, originsOf, writeFeatures } from "../../../../web/bench/plain/eta.js";
import { SegmentedNetwork } from "../../../../web/bench/plain/segmented.js";

const folder = process.argv[2];
const description = JSON.parse(readFileSync(join(folder, "weights.json"), "utf8"));
const { buffer, byteOffset, byteLength } = readFileSync(join(folder, description.weights));
const network = new SegmentedNetwork(
  description,
  /** @type {ArrayBuffer} */ (buffer.slice(byteOffset, byteOffset + byteLength)),
);

const records = JSON.parse(readFileSync(0, "utf8"));
const features = new Float32Array(records.length * FEATURE_COUNT);
writeFeatures(records, features);
const answers = await network.run({ data: features, dims: [records.length, FEATURE_COUNT] }, originsOf(records));
process.stdout.write(JSON.stringify({ features: [...features], answers: [...answers.data].map(Number) }));
