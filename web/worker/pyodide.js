/** Pyodide: the only file that touches it. */

import { loadPyodide } from "pyodide";
import { Breakdown, ForeshoreError, notImported } from "../shared/errors.js";
import { gatedFetch } from "./gate.js";

/**
 * @typedef {import("../shared/errors.js").ErrorData} ErrorData
 * @typedef {import("../shared/protocol.js").OpenPython} OpenPython
 * @typedef {import("../shared/protocol.js").Tensors} Tensors
 * @typedef {import("pyodide").PyodideInterface} Pyodide
 * @typedef {import("./clock.js").Stopwatch} Stopwatch
 * @typedef {import("./files.js").Files} Files
 *
 * @typedef {{ok: any} | {error: ErrorData}} Outcome What every function of `foreshore.host` returns.
 * @typedef {{
 *   open_pipeline(name: string): Outcome,
 *   prepare(name: string, records: string, first_row: number, images: Uint8Array[]): Outcome,
 *   decode(name: string, outputs: Tensors): Outcome,
 *   fill(name: string, records: string, first_row: number): Outcome,
 *   observe(name: string, events: string): Outcome,
 *   follow(name: string, events: string, records: string, restart: boolean): Outcome,
 *   save_windows(name: string): Outcome,
 *   restore_windows(name: string, state: Uint8Array): Outcome,
 *   restart_windows(name: string): Outcome,
 * }} Host The Python module `foreshore.host`.
 */

/** What Pyodide loads whatever the pipeline; the packages follow from its lock. */
const CORE = ["pyodide-lock.json", "pyodide.asm.wasm", "pyodide.asm.js", "python_stdlib.zip"];

/** A Python that has imported one pipeline. */
export class Python {
  #name;
  #host;

  /**
   * @param {string} name
   * @param {Host} host
   */
  constructor(name, host) {
    this.#name = name;
    this.#host = host;
  }

  /**
   * Start Python and import a pipeline. All downloads begin at once.
   *
   * @param {OpenPython} request
   * @param {Files} files
   * @param {Stopwatch} watch Gets the spans `python_download`, `python_start`, `python_packages` and `pipeline`.
   * @returns {Promise<{python: Python, contract: string}>}
   */
  static async open(request, files, watch) {
    closeGate(request, files);
    const downloads = watch.time("python_download", downloadAll(request, files));
    const starting = start(request, files, watch);
    // Whichever fails first says why; a failed download explains a failed start.
    const [host] = await Promise.all([starting, downloads]);
    files.forget();
    const contract = await watch.time(
      "pipeline",
      Promise.resolve().then(() => asked(() => host.open_pipeline(request.pipeline))),
    );
    return { python: new Python(request.pipeline, host), contract };
  }

  /**
   * @param {string} records JSON list, in which an image's data is its place among `images`.
   * @param {number} first_row
   * @param {Uint8Array[]} images
   * @returns {{tensors: Tensors, segments?: Int32Array}} Features, and the segment field's codes where models differ by them;
   *   their buffers are the caller's.
   */
  prepare(records, first_row, images) {
    return asked(() => this.#host.prepare(this.#name, records, first_row, images));
  }

  /**
   * @param {Tensors} outputs
   * @returns {string} JSON list of answers.
   */
  decode(outputs) {
    return asked(() => this.#host.decode(this.#name, outputs));
  }

  /**
   * @param {string} records JSON list.
   * @param {number} first_row
   * @returns {string} JSON list of the records, with the streaming features that they lacked.
   */
  fill(records, first_row) {
    return asked(() => this.#host.fill(this.#name, records, first_row));
  }

  /**
   * @param {string} events JSON list of [type, event].
   * @returns {string} What became of them, as JSON.
   */
  observe(events) {
    return asked(() => this.#host.observe(this.#name, events));
  }

  /**
   * @param {string} events JSON list of [type, event].
   * @param {string} records JSON list, in the order of their times.
   * @param {boolean} restart Whether to forget all earlier events first.
   * @returns {string} JSON: `records`, each filled amid the events of its time, and `intake`.
   */
  follow(events, records, restart) {
    return asked(() => this.#host.follow(this.#name, events, records, restart));
  }

  /** @returns {Uint8Array} What the windows remember. */
  saveWindows() {
    return asked(() => this.#host.save_windows(this.#name));
  }

  /** @param {Uint8Array} state As `saveWindows` gave it. */
  restoreWindows(state) {
    asked(() => this.#host.restore_windows(this.#name, state));
  }

  restartWindows() {
    asked(() => this.#host.restart_windows(this.#name));
  }
}

/**
 * From here on nothing in this worker fetches past the gate.
 *
 * @param {OpenPython} request
 * @param {Files} files
 */
function closeGate({ folder, files: wanted, wheels }, files) {
  globalThis.fetch = gatedFetch({ folder, wanted, files, allowed: new Set(wheels), fetch: globalThis.fetch });
}

/**
 * @param {OpenPython} request
 * @param {Files} files
 */
async function downloadAll({ files: wanted, packages }, files) {
  const core = CORE.map((name) => files.get(wanted[name]));
  const lock = JSON.parse(new TextDecoder().decode(await core[0]));
  const names = packageFiles(lock.packages, packages);
  await Promise.all([...core, ...names.map((name) => files.get(wanted[name]))]);
}

/**
 * Files of packages and of all that they depend on.
 *
 * @param {Record<string, {file_name: string, depends: string[]}>} lock
 * @param {string[]} packages
 * @returns {string[]}
 */
function packageFiles(lock, packages) {
  const found = new Set(packages);
  for (const name of found) for (const needed of lock[name]?.depends ?? []) found.add(needed);
  return [...found].map((name) => lock[name]?.file_name).filter(Boolean);
}

/**
 * @param {OpenPython} request
 * @param {Files} files
 * @param {Stopwatch} watch
 * @returns {Promise<Host>}
 */
async function start({ folder, files: wanted, packages, wheels }, files, watch) {
  const script = wanted["pyodide.asm.js"];
  await files.get(script);
  const pyodide = await watch.time(
    "python_start",
    importScript(script.url).then(() => Promise.race([loadPyodide({ indexURL: folder }), failedInstantiation()])),
  );
  await watch.time("python_packages", install(pyodide, packages, wheels));
  return pyodide.pyimport("foreshore.host");
}

/** @param {string} url */
async function importScript(url) {
  try {
    await import(url);
  } catch (error) {
    throw notImported(error, url) ?? error;
  }
}

/**
 * Rejects when the binary can't be instantiated: too little memory, say. Pyodide would log it and wait for ever.
 *
 * @returns {Promise<never>}
 */
function failedInstantiation() {
  const { instantiateStreaming } = WebAssembly;
  return new Promise((_resolve, reject) => {
    WebAssembly.instantiateStreaming = async (source, imports) => {
      try {
        return await instantiateStreaming.call(WebAssembly, source, imports);
      } catch (error) {
        reject(new Breakdown("Python's WebAssembly", error));
        throw error;
      }
    };
  });
}

/**
 * @param {Pyodide} pyodide
 * @param {string[]} packages
 * @param {string[]} wheels
 */
async function install(pyodide, packages, wheels) {
  const wanted = wheels.length ? [...packages, "micropip"] : packages;
  await pyodide.loadPackage(wanted, { checkIntegrity: false, messageCallback: () => {} });
  if (!wheels.length) return;
  const micropip = pyodide.pyimport("micropip");
  try {
    for (const wheel of wheels) await add(micropip, wheel);
  } finally {
    micropip.destroy();
  }
}

/**
 * @param {{install(url: string): Promise<void>}} micropip
 * @param {string} wheel
 */
async function add(micropip, wheel) {
  try {
    await micropip.install(wheel);
  } catch (error) {
    const reason = String(error).trim().split("\n").at(-1);
    const expected = "expected a pure-Python wheel whose requirements are part of the release";
    throw new ForeshoreError("artefact", `${wheel}: could not be installed (${reason}); ${expected}`, { cause: error });
  }
}

/**
 * What a function of the host module gives. Those return their errors: one that throws has met the end of Python.
 *
 * @param {() => Outcome} call
 */
function asked(call) {
  /** @type {Outcome} */
  let outcome;
  try {
    outcome = call();
  } catch (error) {
    throw new Breakdown("Python", error);
  }
  if ("error" in outcome) throw ForeshoreError.fromJSON(outcome.error);
  return outcome.ok;
}
