import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "../../../../web/bench/measure/agreement.js";
import { seededRandom } from "../../../../web/bench/measure/statistics.js";
import { packPanels } from "../../../../web/bench/plain/dense.js";
import { Network } from "../../../../web/bench/plain/network.js";
import { networkOf } from "../../../../web/bench/plain/networks.js";

/** @typedef {import("../../../../web/bench/plain/network.js").LayerDescription} LayerDescription */

/**
 * A network of random weights.
 *
 * @param {number[]} sizes
 * @returns {{layers: LayerDescription[], numbers: Float32Array}}
 */
function randomNetwork(sizes) {
  const random = seededRandom(sizes.length);
  let offset = 0;
  const layers = sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i];
    const start = offset;
    offset += inputs * outputs + outputs;
    /** @type {"relu" | "none"} */
    const activation = i + 2 < sizes.length ? "relu" : "none";
    return { inputs, outputs, activation, weights_offset: start, bias_offset: start + inputs * outputs };
  });
  const numbers = Float32Array.from({ length: offset }, () => random() - 0.5);
  return { layers, numbers };
}

/**
 * The definition, one multiplication at a time.
 *
 * @param {LayerDescription[]} layers
 * @param {Float32Array} numbers
 * @param {number[]} row
 * @returns {number}
 */
function byDefinition(layers, numbers, row) {
  let values = row;
  for (const { inputs, outputs, activation, weights_offset, bias_offset } of layers)
    values = Array.from({ length: outputs }, (_, output) => {
      let sum = numbers[bias_offset + output];
      for (let input = 0; input < inputs; input++)
        sum += values[input] * numbers[weights_offset + input * outputs + output];
      return activation === "relu" ? Math.max(0, sum) : sum;
    });
  return values[0];
}

/** Row counts around the tile (4) and the block (32). */
for (const rows of [1, 2, 3, 4, 5, 31, 32, 33, 67])
  test(`answers equal the definition's for ${rows} rows`, () => {
    const { layers, numbers } = randomNetwork([7, 10, 5, 1]);
    const network = new Network(layers, numbers);
    const random = seededRandom(rows);
    const features = Float32Array.from({ length: rows * 7 }, () => random() * 4 - 2);
    const answers = new Float32Array(rows);
    network.run(features, rows, answers);
    const expected = Array.from({ length: rows }, (_, row) =>
      byDefinition(layers, numbers, [...features.subarray(row * 7, row * 7 + 7)]),
    );
    // Activations between layers are stored as float32 (2^-24 each); the definition keeps doubles.
    const agreement = compare(answers, expected, {
      reference: "definition",
      statistic: "largest",
      tolerance: 1e-6,
    });
    assert.ok(agreement.agrees, agreement.message);
  });

test("answers of a long batch don't depend on where a row stands", () => {
  const { layers, numbers } = randomNetwork([3, 8, 1]);
  const network = new Network(layers, numbers);
  const features = new Float32Array(100 * 3).fill(0.25);
  const answers = new Float32Array(100);
  network.run(features, 100, answers);
  assert.equal(new Set(answers).size, 1);
});

test("a NaN feature gives a NaN answer, through ReLU too", () => {
  const { layers, numbers } = randomNetwork([3, 8, 1]);
  const network = new Network(layers, numbers);
  const answers = new Float32Array(1);
  network.run(Float32Array.of(0, Number.NaN, 0), 1, answers);
  assert.ok(Number.isNaN(answers[0]));
});

test("panels hold four outputs side by side and zeros at the end", () => {
  const weights = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  assert.deepEqual([...packPanels(weights, 2, 5)], [1, 2, 3, 4, 6, 7, 8, 9, 5, 0, 0, 0, 10, 0, 0, 0]);
});

/**
 * A network for all and one for the second of three segments, each a factor and a bias.
 *
 * @param {ArrayBuffer} bytes
 */
function segmented(bytes) {
  const layer = (/** @type {number} */ at) =>
    /** @type {const} */ ({ inputs: 1, outputs: 1, activation: "none", weights_offset: at, bias_offset: at + 1 });
  const networks = [[layer(0)], [layer(2)]];
  return networkOf({ kind: "perceptrons", weights: "weights.bin", size_bytes: 16, networks, routes: [0, 1, 0] }, bytes);
}

test("each row is answered by its segment's network, in the order of the rows", async () => {
  const features = { data: Float32Array.of(1, 2, 3, 4), dims: [4, 1] };
  const network = segmented(Float32Array.of(10, 0.5, 100, 0.25).buffer);
  const { data, dims } = await network.run(features, Int32Array.of(1, 0, 1, 2));
  assert.deepEqual([...data], [100.25, 20.5, 300.25, 40.5]);
  assert.deepEqual(dims, [4, 1]);
});

test("weights of the wrong size are refused with both sizes", () => {
  assert.throws(() => segmented(new ArrayBuffer(12)), /got 12 bytes, expected 16/);
});

test("a kind of network that nobody knows is refused by name", () => {
  const description = /** @type {any} */ ({ kind: "recurrent", weights: "weights.bin", size_bytes: 0 });
  assert.throws(() => networkOf(description, new ArrayBuffer(0)), /"recurrent".*expected perceptrons/);
});
