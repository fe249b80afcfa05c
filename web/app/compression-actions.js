// What a visitor of the Compression page can do. No DOM.

import { ForeshoreError } from "../shared/errors.js";
import { turned } from "./compression/table.js";
import { chosenWith, firstState, IDLE, measurable, withMaterial } from "./compression-state.js";

/** @typedef {import("../shared/release.js").Release} Release */
/** @typedef {import("./compression-state.js").CompressionState} CompressionState */
/** @typedef {import("./compression/material.js").Material} Material */
/** @typedef {import("./compression/measuring.js").Ground} Ground */

/**
 * @typedef {object} Needs
 * @property {() => Promise<{ release: Release, base: string }>} openRelease
 * @property {(release: Release) => { name: string, title: string }[]} compressedOf
 * @property {(release: Release, base: string, name: string) => Promise<Material>} loadMaterial
 * @property {(release: Release, base: string) => Promise<import("./compression/studies.js").Studies | null>} loadStudies
 * @property {typeof import("./compression/measuring.js").measureHere} measure
 * @property {() => Promise<CompressionState["device"]>} describe
 * @property {string} wanted pipeline, "" for the first
 * @property {(state: CompressionState) => void} onChange
 */

/** @param {Needs} needs */
export function createCompression(needs) {
  let state = firstState();
  let controller = new AbortController();
  /** @type {{ release: Release, base: string } | null} */
  let opened = null;

  /** @param {Partial<CompressionState>} patch */
  const change = (patch) => {
    state = { ...state, ...patch };
    needs.onChange(state);
  };

  /** @param {string} pipeline */
  const show = async (pipeline) => {
    controller.abort();
    change({ status: "loading", pipeline, failure: null, task: IDLE });
    try {
      if (opened === null) return;
      const material = await needs.loadMaterial(opened.release, opened.base, pipeline);
      if (state.pipeline === pipeline) change(withMaterial(state, material));
    } catch (failure) {
      if (state.pipeline === pipeline) change({ status: "error", failure });
    }
  };

  const begin = async () => {
    change({ status: "loading", failure: null });
    try {
      opened = await needs.openRelease();
      const pipelines = needs.compressedOf(opened.release);
      change({ release: opened.release.id, pipelines, device: await needs.describe() });
      const first = pipelines.find(({ name }) => name === needs.wanted) ?? pipelines[0];
      if (first === undefined) change({ status: "empty" });
      else if (needs.wanted !== "" && first.name !== needs.wanted)
        change({ status: "error", failure: unknown(needs.wanted) });
      else await show(first.name);
      // The page is whole without them.
      change({ studies: await needs.loadStudies(opened.release, opened.base).catch(() => null) });
    } catch (failure) {
      change({ status: "error", failure });
    }
  };

  /**
   * @param {Ground} ground
   * @param {import("./compression/measuring.js").Request} request
   */
  const measure = async (ground, request) => {
    const { pipeline } = state;
    controller = new AbortController();
    const { signal } = controller;
    change({ task: { ...IDLE, status: "running", words: "Preparing" } });
    const onProgress = (/** @type {number} */ fraction, /** @type {string} */ name, /** @type {string} */ doing) => {
      if (!signal.aborted) change({ task: { ...state.task, fraction, words: `${name}: ${doing}` } });
    };
    const found = await attempt(needs.measure(ground, request, { signal, onProgress }));
    if (state.pipeline !== pipeline) return; // it went with the other pipeline
    if (signal.aborted) change({ task: { ...IDLE, status: "cancelled" } });
    else if (found.failed) change({ task: { ...IDLE, status: "error", failure: found.failure } });
    else change({ own: [...state.own, found.value], task: IDLE });
  };

  /** @param {readonly string[]} names */
  const measureNamed = async (names) => {
    const { material, choice, task } = state;
    if (material === null || choice === null || opened === null || task.status === "running") return;
    const provider = /** @type {"wasm" | "webgpu"} */ (choice.provider);
    await measure({ ...opened, material }, { ...choice, names, provider });
  };

  return {
    state: () => state,
    begin,
    show,
    /** @param {Partial<import("./compression/points.js").Choice>} patch */
    choose: (patch) => state.choice && change({ choice: chosenWith(state.choice, patch) }),
    /** @param {string} name */
    point: (name) => name !== state.chosen && change({ chosen: name }),
    /** @param {string} key */
    sort: (key) => change({ order: turned(state.order, key) }),
    measureAll: () => measureNamed(measurable(state)),
    measureChosen: () => measureNamed([state.chosen]),
    cancel: () => controller.abort(new DOMException("cancelled on the page", "AbortError")),
  };
}

/**
 * What became of some work, as a value.
 *
 * @template T
 * @param {Promise<T>} work
 * @returns {Promise<{ failed: false, value: T } | { failed: true, failure: unknown }>}
 */
async function attempt(work) {
  try {
    return { failed: false, value: await work };
  } catch (failure) {
    return { failed: true, failure };
  }
}

/** @param {string} name */
function unknown(name) {
  return new ForeshoreError("validation", `pipeline: got ${JSON.stringify(name)}, expected one that was compressed`);
}
