// Runs the Pyodide of a built site in Node: its core, its lock, its wheels, and foreshore's boundary module, unchanged.
// Reads one JSON command a line, answers one JSON line: {"name": "prepare", "arguments": ["eta", "[…]"]} -> {"result": …}.
import { rmSync } from "node:fs";
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const dist = process.argv[2];

/** @param {string} path */
const readJson = async (path) => JSON.parse(await readFile(join(dist, path), "utf-8"));

const channel = await readJson("channels/stable.json");
const release = await readJson(channel.manifest);
// Node would take pyodide.asm.js for an ES module where a package.json above it says so; a copy has one of its own.
const folder = await mkdtemp(join(tmpdir(), "foreshore-pyodide-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
await cp(join(dist, release.entry.pyodide_folder), folder, { recursive: true });
await writeFile(join(folder, "package.json"), '{"type": "commonjs"}');
const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide.mjs")).href);
const pyodide = await loadPyodide({ indexURL: folder, stdout: console.error, stderr: console.error });

/** @param {string} name */
async function open(name) {
  await pyodide.loadPackage(release.pipelines[name].package, {
    messageCallback: () => {},
    errorCallback: console.error,
  });
  return pyodide.pyimport("foreshore.host").open_pipeline(name);
}

/**
 * Typed arrays as something that JSON can carry.
 * @param {{ok?: Record<string, {data: any, dims: number[]}>, error?: object}} answer
 */
function written(answer) {
  if (!answer.ok) return answer;
  const tensors = Object.entries(answer.ok).map(([name, { data, dims }]) => {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
    return [name, { array: data.constructor.name, bytes, dims }];
  });
  return { ok: Object.fromEntries(tensors) };
}

/** @param {Record<string, {bytes: string, dims: number[]}>} tensors */
function read(tensors) {
  const entries = Object.entries(tensors).map(([name, { bytes, dims }]) => {
    const copy = Uint8Array.from(Buffer.from(bytes, "base64"));
    return [name, { data: new Float32Array(copy.buffer), dims }];
  });
  return Object.fromEntries(entries);
}

/** @type {Record<string, (...words: any[]) => unknown>} */
const commands = {
  open,
  version: () => ({ pyodide: pyodide.version, python: pyodide.runPython("import sys; sys.version.split()[0]") }),
  install: async (url, module, name) => {
    await pyodide.loadPackage("micropip", { messageCallback: () => {} });
    await pyodide.pyimport("micropip").install(url);
    return pyodide.pyimport(module)[name];
  },
  numpy: () => pyodide.pyimport("numpy").__version__,
  prepare: (name, records) => written(pyodide.pyimport("foreshore.host").prepare(name, records, 0)),
  decode: (name, tensors) => pyodide.pyimport("foreshore.host").decode(name, read(tensors)),
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
