// A release's browser executions, run in Node without a browser: its Pyodide with its wheels, ONNX Runtime Web, and JavaScript's encoder.
// Reads one JSON command a line, answers one JSON line: {"name": "prepare", "arguments": ["eta", "[…]"]} -> {"result": …}.
// Usage: node executions.js PYODIDE_FOLDER
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { Archive } from "../shared/archive.js";
import { decode, encode } from "../shared/encoding.js";
import { History } from "../shared/history.js";
import { routed, routesOf } from "../shared/segments.js";
import { readTable } from "../shared/table.js";
import { runByModel } from "../shared/tensors.js";
import { configure, Model } from "../worker/ort.js";

/**
 * @typedef {import("../shared/protocol.js").TensorData} TensorData
 * @typedef {import("../shared/protocol.js").Tensors} Tensors
 * @typedef {Record<string, {array: string, bytes: string, dims: number[]}>} WrittenTensors Bytes in base64.
 */

const ARRAYS = { Float32Array, Float64Array, Int32Array, Uint8Array, BigInt64Array };

/** @type {Promise<any> | null} */
let python = null;
/** @type {Map<string, Promise<Model>>} */
const models = new Map();

/** Pyodide, started when it is first asked for. */
function pyodide() {
  python ??= startPyodide(process.argv[2]);
  return python;
}

/** @param {string} source */
async function startPyodide(source) {
  // Node would take pyodide.asm.js for an ES module where a package.json above it says so; a copy has one of its own.
  const folder = await mkdtemp(join(tmpdir(), "foreshore-pyodide-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  await cp(source, folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{"type": "commonjs"}');
  const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide.mjs")).href);
  return loadPyodide({ indexURL: folder, stdout: console.error, stderr: console.error });
}

async function host() {
  return (await pyodide()).pyimport("foreshore.host");
}

/** @param {string} path */
function model(path) {
  const loaded = models.get(path) ?? loadModel(path);
  models.set(path, loaded);
  return loaded;
}

/** @param {string} path */
async function loadModel(path) {
  const runtime = new URL("./ort-wasm-simd-threaded.", import.meta.resolve("onnxruntime-web/wasm"));
  configure({ wasm: new Uint8Array(await readFile(new URL(`${runtime}wasm`))), module: `${runtime}mjs`, threads: 1 });
  return Model.load(new Uint8Array(await readFile(path)), "wasm");
}

/**
 * Typed arrays as something that JSON can carry.
 * @param {Tensors} tensors
 * @returns {WrittenTensors}
 */
function written(tensors) {
  const entries = Object.entries(tensors).map(([name, { data, dims }]) => {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
    return [name, { array: data.constructor.name, bytes, dims }];
  });
  return Object.fromEntries(entries);
}

/**
 * @param {WrittenTensors} tensors
 * @returns {Tensors}
 */
function read(tensors) {
  const entries = Object.entries(tensors).map(([name, { array, bytes, dims }]) => {
    const { buffer } = Uint8Array.from(Buffer.from(bytes, "base64"));
    return [name, { data: new ARRAYS[/** @type {keyof typeof ARRAYS} */ (array)](buffer), dims }];
  });
  return Object.fromEntries(entries);
}

/**
 * @template T
 * @param {() => T} work
 * @returns {{ok: T} | {error: unknown}} Errors as data, as they cross a boundary.
 */
function answered(work) {
  try {
    return { ok: work() };
  } catch (error) {
    return { error };
  }
}

/** @param {Int32Array | undefined} codes */
function listed(codes) {
  return codes ? [...codes] : null;
}

/**
 * @param {Uint8Array} file
 * @param {Record<string, unknown>[]} records
 */
function lookedUp(file, records) {
  const table = readTable(file, "table", globalThis);
  const { name, as_of_min, key_fields } = table;
  return { name, as_of_min, key_fields, values: records.map((record) => table.lookup(record)) };
}

/**
 * A folder's tables, as a page finds those of a release.
 * @param {string} folder
 */
async function archive(folder) {
  const entries = (await readdir(folder)).map(async (file) => [file, await wanted(join(folder, file))]);
  return new Archive(Object.fromEntries(await Promise.all(entries)), globalThis);
}

/** @param {string} path */
async function wanted(path) {
  const content = await readFile(path);
  const url = `data:application/octet-stream;base64,${content.toString("base64")}`;
  return { url, sha256: createHash("sha256").update(content).digest("hex"), size_bytes: content.length };
}

/** @type {Record<string, (...words: any[]) => unknown>} */
const commands = {
  versions: async () => {
    const { version, runPython } = await pyodide();
    return { pyodide: version, python: runPython("import sys; sys.version.split()[0]") };
  },
  numpy: async () => (await pyodide()).pyimport("numpy").__version__,
  open: async (name, wheel) => {
    const loader = await pyodide();
    await loader.loadPackage(wheel, { messageCallback: () => {}, errorCallback: console.error });
    return (await host()).open_pipeline(name);
  },
  install: async (url, module, name) => {
    const loader = await pyodide();
    await loader.loadPackage("micropip", { messageCallback: () => {} });
    await loader.pyimport("micropip").install(url);
    return loader.pyimport(module)[name];
  },
  prepare: async (name, records) => {
    const answer = (await host()).prepare(name, records, 0);
    return answer.ok ? { ok: written(answer.ok.tensors), segments: listed(answer.ok.segments) } : answer;
  },
  decode: async (name, tensors) => (await host()).decode(name, read(tensors)),
  fill: async (name, records) => (await host()).fill(name, records, 0),
  observe: async (name, events) => (await host()).observe(name, events),
  follow: async (name, events, records, restart) => (await host()).follow(name, events, records, restart),
  save_windows: async (name) => {
    const answer = (await host()).save_windows(name);
    return answer.ok ? { ok: Buffer.from(answer.ok).toString("base64") } : answer;
  },
  restore_windows: async (name, state) =>
    (await host()).restore_windows(name, Uint8Array.from(Buffer.from(state, "base64"))),
  restart_windows: async (name) => (await host()).restart_windows(name),
  run: async (path, feeds) => written(await (await model(path)).run(read(feeds))),
  run_segments: async (path, own, { table, field, codes }, feeds) => {
    const paths = [path, ...Object.values(own)];
    const places = routed(Int32Array.from(codes), routesOf(table, field, Object.keys(own)));
    return written(await runByModel(async (place, part) => (await model(paths[place])).run(part), read(feeds), places));
  },
  encode_by_table: (table, records) => answered(() => written(encode(table, records))),
  look_up: (file, records) => answered(() => lookedUp(Buffer.from(file, "base64"), records)),
  fill_from_tables: async (view, clock, folder, records) =>
    new History(view, clock, await archive(folder)).fill(records),
  decode_by_table: (table, tensors, rows) => answered(() => decode(table, read(tensors), rows)),
};

/** @param {string} line */
async function answer(line) {
  const { name, arguments: words } = JSON.parse(line);
  try {
    return { result: (await commands[name](...words)) ?? null };
  } catch (error) {
    return { error: String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}
