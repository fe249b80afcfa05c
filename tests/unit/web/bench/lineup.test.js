import assert from "node:assert/strict";
import { test } from "node:test";
import { lineup, PLAIN, publicApiId } from "../../../../web/bench/contenders/lineup.js";

/** @typedef {import("../../../../web/shared/release.js").Release} Release */

const BASE = "https://site.example/sub/";
const PATHS = [
  ...["plain-worker.js", "ort-worker.js", "ort.wasm", "ort.mjs", "gpu-worker.js", "gpu.wasm", "gpu.mjs"],
  ...[
    "python-worker.js",
    "pyodide/pyodide.mjs",
    ...["fp32.onnx", "int8.onnx", "fp32.graph.onnx"],
    "weights/weights.json",
    "weights/weights.bin",
  ],
];

/**
 * A release as the build writes it, as far as a lineup reads it.
 *
 * @param {string} [weights]
 * @param {string} [graph] What the joined graphs' names end in; "" for none.
 * @returns {Release}
 */
function release(weights = "weights/", graph = ".graph.onnx") {
  const entry = {
    ...{ plain_worker: "plain-worker.js", ort_worker: "ort-worker.js", ort_wasm: "ort.wasm", ort_module: "ort.mjs" },
    ...{ ort_webgpu_worker: "gpu-worker.js", ort_webgpu_wasm: "gpu.wasm", ort_webgpu_module: "gpu.mjs" },
    ...{ python_worker: "python-worker.js", pyodide_folder: "pyodide/" },
  };
  const contract = {
    features: [{ name: "features" }],
    outputs: [{ name: "arrival_delay_min", tensor: "arrival_delay" }],
    tolerance: 1e-5,
  };
  const variants = ["fp32", "int8"].map((name) => ({
    name,
    file: `${name}.onnx`,
    graph: graph && `${name}${graph}`,
    size_bytes: 1,
    quality: {},
  }));
  const parts = { contract, variants, encoding: { fields: [] }, benchmark_weights: weights };
  const eta = { ...parts, default_variant: "fp32", package: "foreshore-eta" };
  const files = Object.fromEntries(PATHS.map((path) => [path, { sha256: "00", size_bytes: 1 }]));
  return /** @type {any} */ ({ id: "0123", entry, files, pipelines: { eta } });
}

/** @param {Partial<import("../../../../web/bench/contenders/lineup.js").Ground>} [changes] */
function ids(changes) {
  return contenders(changes).map(({ id }) => id);
}

/** @param {Partial<import("../../../../web/bench/contenders/lineup.js").Ground>} [changes] */
function contenders(changes) {
  return lineup({ release: release(), base: BASE, pipeline: "eta", threads: 4, webgpu: false, ...changes });
}

test("every variant runs with one thread and with all of them", () => {
  assert.deepEqual(ids(), [
    PLAIN,
    ...["onnxruntime-fp32-1t", "onnxruntime-fp32-4t", "onnxruntime-int8-1t", "onnxruntime-int8-4t"],
    ...["foreshore-python", "foreshore-graph"],
  ]);
});

test("without threads nobody runs twice", () => {
  const models = ["onnxruntime-fp32-1t", "onnxruntime-int8-1t"];
  assert.deepEqual(ids({ threads: 1 }), [PLAIN, ...models, "foreshore-python", "foreshore-graph"]);
});

test("the public API's figures are those of the engine that it takes by itself", () => {
  const ground = { base: BASE, pipeline: "eta", threads: 4, webgpu: false };
  assert.equal(publicApiId({ ...ground, release: release() }), "foreshore-graph");
  assert.equal(publicApiId({ ...ground, release: release("weights/", "") }), "foreshore-python");
});

test("where features don't lower, only Python runs them", () => {
  const list = ids({ release: release("weights/", "") });
  assert.ok(list.includes("foreshore-python") && !list.includes("foreshore-graph"));
});

test("WebGPU takes part where there is an adapter", () => {
  assert.ok(ids({ webgpu: true }).includes("onnxruntime-fp32-webgpu"));
});

test("whoever serves as a reference stands before those that refer to it", () => {
  const seen = new Set(["golden"]);
  for (const { id, expectations } of contenders({ webgpu: true })) {
    assert.ok(expectations.length > 0, id);
    for (const { reference } of expectations) assert.ok(seen.has(reference), `${id} refers to ${reference}`);
    seen.add(id);
  }
});

test("exact models are held to the contract's tolerance, approximate ones to each other as well", () => {
  const [plain, exact, , , approximate] = contenders();
  for (const { expectations } of [plain, exact])
    assert.deepEqual(expectations, [{ reference: "golden", statistic: "largest", tolerance: 1e-5 }]);
  assert.deepEqual(
    approximate.expectations.map(({ reference, statistic }) => [reference, statistic]),
    [
      ["golden", "typical"],
      ["onnxruntime-int8-1t", "largest"],
    ],
  );
});

test("downloads are files of the release, each its own", () => {
  for (const { id, urls } of contenders({ webgpu: true })) {
    assert.equal(new Set(urls).size, urls.length, id);
    for (const url of urls) assert.ok(url.startsWith(BASE) && PATHS.includes(url.slice(BASE.length)), `${id}: ${url}`);
  }
});

test("a release without the plain network's weights is refused", () => {
  assert.throws(() => contenders({ release: release("") }), /release 0123 holds no benchmark_weights/);
});
