import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchCrew } from "../../../../web/app/batch/crew.js";

const PATHS = ["ort-worker.js", "ort.wasm", "ort.mjs", "fp32.graph.onnx", "int8.graph.onnx", "pyodide/core.wasm"];
const RELEASE = /** @type {any} */ ({
  id: "r1",
  entry: {
    ...{ ort_worker: "ort-worker.js", ort_wasm: "ort.wasm", ort_module: "ort.mjs", batch_worker: "batch-worker.js" },
    ...{ python_worker: "python-worker.js", pyodide_folder: "pyodide/" },
  },
  files: Object.fromEntries(PATHS.map((path) => [path, { sha256: "00", size_bytes: 1 }])),
  pipelines: {
    tides: {
      ...{ contract: { segment: null, clock: null }, encoding: { fields: [] }, default_variant: "fp32" },
      variants: ["fp32", "int8"].map((name) => ({ name, file: `${name}.onnx`, graph: `${name}.graph.onnx` })),
    },
  },
});

/** The other side of a worker: whatever opens and serves is done at once, whatever runs waits until it is answered. */
class HeldWorker {
  /** @type {HeldWorker[]} */
  static all = [];
  /** @type {any[]} */
  asked = [];
  isTerminated = false;
  /** @type {(event: any) => void} */
  onmessage = () => {};

  /** @param {string} url @param {{name: string}} options */
  constructor(url, { name }) {
    this.url = url;
    this.name = name;
    HeldWorker.all.push(this);
  }

  /** @param {any} request */
  postMessage(request) {
    this.asked.push(request);
    if (this.name === "foreshore-model") this.answer(request, {});
  }

  /** @param {any} request @param {unknown} value */
  answer({ id }, value) {
    queueMicrotask(() => this.onmessage({ data: { type: "answer", id, value } }));
  }

  terminate() {
    this.isTerminated = true;
  }
}

/** @param {import("node:test").TestContext} context */
function hired(context) {
  Object.defineProperty(globalThis, "Worker", { value: HeldWorker, configurable: true });
  context.after(() => Reflect.deleteProperty(globalThis, "Worker"));
  HeldWorker.all = [];
  return new BatchCrew(RELEASE, "https://site.example/", { onJob: () => {}, onOpening: () => {} });
}

/** @param {string} variant */
function choice(variant) {
  return { pipeline: "tides", variant, engine: /** @type {const} */ ("graph"), threads: 1 };
}

/** @returns {Promise<HeldWorker>} The worker that stores, once it is asked for something. */
async function storing() {
  for (;;) {
    const found = HeldWorker.all.find(({ name, asked }) => name === "foreshore-batch" && asked.length > 0);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const GIVEN = { file: new Blob(["a\n1\n"]), name: "a.csv", mapping: {} };

test("whoever waits for a model that another takes the place of is told", async (context) => {
  const crew = hired(context);
  const timed = crew.time(choice("fp32"), GIVEN, 1);
  const stored = crew.ask({ type: "list_jobs" });
  const store = await storing();
  await new Promise((resolve) => setTimeout(resolve, 5));
  const rejected = [
    assert.rejects(timed, { kind: "cancelled" }),
    assert.rejects(stored, { kind: "cancelled", message: /another model/ }),
  ];
  await crew.prepare(choice("int8"));
  await Promise.all(rejected);
  assert.ok(store.isTerminated);
});

test("a model that has answered may go, and the worker that stores stays", async (context) => {
  const crew = hired(context);
  const timed = crew.time(choice("fp32"), GIVEN, 1);
  const store = await storing();
  store.answer(store.asked[0], { rows: 1, samples_ms: [2] });
  assert.deepEqual(await timed, { rows: 1, samples_ms: [2] });
  await crew.prepare(choice("int8"));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(!store.isTerminated);
});

test("a model that is still being opened gives way to another at once", async (context) => {
  const crew = hired(context);
  const first = assert.rejects(crew.prepare(choice("fp32")), { kind: "cancelled" });
  await crew.prepare(choice("int8"));
  await first;
});
