import assert from "node:assert/strict";
import { test } from "node:test";
import { planned } from "../../../../web/app/runtime/plan.js";

const BASE = "https://site.example/";
const PATHS = [
  ...["python-worker.js", "ort-worker.js", "ort.wasm", "ort.mjs", "gpu-worker.js", "gpu.wasm", "gpu.mjs"],
  ...["pyodide/core.wasm", "fp32.onnx", "fp32.graph.onnx", "fp32.west.onnx", "fp32.west.graph.onnx"],
  ...["history/index.json", "history/route-1.bin", "forecasts/index.json"],
];
const VIEW = { windows: { windows: [] }, historical: [], tables: {}, derived: [] };
const WEST = { west: { file: "fp32.west.onnx", graph: "fp32.west.graph.onnx" } };

/**
 * A plan for a release of one pipeline, as far as a plan reads it.
 *
 * @param {"graph" | "python"} engine
 * @param {object} [parts] Of the pipeline.
 * @param {object} [segments]
 */
function plan(engine, parts = {}, segments = {}) {
  const entry = {
    ...{ python_worker: "python-worker.js", pyodide_folder: "pyodide/" },
    ...{ ort_worker: "ort-worker.js", ort_wasm: "ort.wasm", ort_module: "ort.mjs" },
    ...{ ort_webgpu_worker: "gpu-worker.js", ort_webgpu_wasm: "gpu.wasm", ort_webgpu_module: "gpu.mjs" },
  };
  const quay = { name: "quay", codes: { south: 2, north: 1, west: 0 } };
  const pipeline = {
    ...{ contract: { segment: "quay" }, encoding: { fields: [quay] }, package: "foreshore-tides" },
    variants: [{ name: "fp32", file: "fp32.onnx", graph: "fp32.graph.onnx", size_bytes: 1, quality: {}, segments }],
    ...{ default_variant: "fp32", ...parts },
  };
  const files = Object.fromEntries(PATHS.map((path) => [path, { sha256: "00", size_bytes: 1 }]));
  const release = /** @type {any} */ ({ id: "0123", entry, files, pipelines: { tides: pipeline } });
  return planned(release, BASE, "tides", { engine, threads: 1 });
}

/** @param {import("../../../../web/app/runtime/plan.js").Plan} plan */
function models({ model }) {
  return [model.models.map(({ url }) => url.slice(BASE.length)), model.routes];
}

test("a segment's own model comes beside the one of all, in the form that the engine runs", () => {
  assert.deepEqual(models(plan("graph", {}, WEST)), [
    ["fp32.graph.onnx", "fp32.west.graph.onnx"],
    [1, 0, 0],
  ]);
  assert.deepEqual(models(plan("python", {}, WEST)), [
    ["fp32.onnx", "fp32.west.onnx"],
    [1, 0, 0],
  ]);
  assert.deepEqual(models(plan("graph")), [["fp32.graph.onnx"], [0, 0, 0]]);
});

test("a pipeline without segments has one model", () => {
  assert.deepEqual(models(plan("graph", { contract: { segment: null } })), [["fp32.graph.onnx"], []]);
});

test("only a graph with a view may need Python later", () => {
  assert.equal(plan("graph", { view: VIEW }).windows?.worker, `${BASE}python-worker.js`);
  assert.equal(plan("graph", { view: VIEW }).windows?.python.pipeline, "tides");
  assert.equal(plan("graph", { view: VIEW }).workers.python, null);
  assert.equal(plan("graph", { view: null }).windows, null);
  assert.equal(plan("graph").windows, null);
  assert.equal(plan("python", { view: VIEW }).windows, null);
});

test("folders of tables are there where the release has them", () => {
  assert.deepEqual(plan("graph").folders, { history: null, forecasts: null });
  const { history, forecasts } = plan("graph", { history: "history/", forecasts: "forecasts/" }).folders;
  assert.deepEqual(Object.keys(history ?? {}), ["index.json", "route-1.bin"]);
  assert.deepEqual(Object.keys(forecasts ?? {}), ["index.json"]);
});
