// Calls a Python function of this checkout in the Pyodide of a built site, in Node, and prints the text that it returns:
// node pyodide.js <pyodide folder> <checkout> <module> <function> <file with a JSON list of arguments>
import { rmSync } from "node:fs";
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [built, checkout, module, name, file] = process.argv.slice(2);

// Node would take pyodide.asm.js for an ES module where a package.json above it says so; a copy has one of its own.
const folder = await mkdtemp(join(tmpdir(), "foreshore-pyodide-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
await cp(built, folder, { recursive: true });
await writeFile(join(folder, "package.json"), '{"type": "commonjs"}');
const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide.mjs")).href);
const pyodide = await loadPyodide({ indexURL: folder, stdout: console.error, stderr: console.error });
await pyodide.loadPackage(["numpy", "array-api-compat"], { messageCallback: () => {} });

// The checkout's sources, not the built wheels: what is measured is what lies here.
pyodide.mountNodeFS("/checkout", checkout);
const path = pyodide.pyimport("sys").path;
path.insert(0, "/checkout/pywasm");
path.insert(0, "/checkout");
try {
  console.log(pyodide.pyimport(module)[name](...JSON.parse(await readFile(file, "utf-8"))));
} catch (error) {
  console.error(error.message); // Node would print a megabyte of pyodide.asm.js along with it
  process.exitCode = 1;
}
