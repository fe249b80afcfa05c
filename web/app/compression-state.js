// The Compression page's state, and how it changes. No DOM.

import { firstChoice, optionsOf, pointsOf } from "./compression/points.js";

/** @typedef {import("./compression/material.js").Material} Material */
/** @typedef {import("./compression/points.js").Choice} Choice */
/** @typedef {import("./compression/points.js").OwnRun} OwnRun */
/** @typedef {import("./compression/points.js").Point} Point */
/** @typedef {import("./compression/table.js").Order} Order */

/**
 * @typedef {object} Task being measured, or what became of it
 * @property {"idle" | "running" | "cancelled" | "error"} status
 * @property {number} fraction
 * @property {string} words
 * @property {unknown} failure
 *
 * @typedef {object} CompressionState
 * @property {"loading" | "ready" | "empty" | "error"} status
 * @property {unknown} failure
 * @property {string} release its id
 * @property {readonly { name: string, title: string }[]} pipelines that were compressed
 * @property {string} pipeline "" until one is chosen
 * @property {Material | null} material
 * @property {Choice | null} choice
 * @property {string} chosen name of a variant
 * @property {Order} order of the table
 * @property {readonly OwnRun[]} own of this pipeline, the latest last
 * @property {Task} task
 * @property {{ isolated: boolean, threads: number, webgpu: string }} device
 * @property {import("./compression/studies.js").Studies | null} studies
 */

/** @type {Task} */
export const IDLE = { status: "idle", fraction: 0, words: "", failure: null };

/** @returns {CompressionState} */
export function firstState() {
  return {
    ...{ status: "loading", failure: null, release: "", pipelines: [], pipeline: "" },
    ...{ material: null, choice: null, chosen: "", order: { key: "bytes", descending: false }, own: [], task: IDLE },
    device: { isolated: false, threads: 1, webgpu: "" },
    studies: null,
  };
}

/**
 * The state with another pipeline's material; measurements are of one pipeline, and go with it.
 *
 * @param {CompressionState} state
 * @param {Material} material
 * @returns {CompressionState}
 */
export function withMaterial(state, material) {
  const { facts } = material;
  const shipped = facts.variants.filter(({ released, steps }) => released && steps.length > 0);
  const [smallest = facts.base] = shipped.sort((one, other) => one.size_bytes - other.size_bytes);
  return {
    ...state,
    ...{ status: "ready", failure: null, material, choice: firstChoice(facts), own: [], task: IDLE },
    chosen: smallest.name,
  };
}

/**
 * A GPU has no threads to choose.
 *
 * @param {Choice} choice
 * @param {Partial<Choice>} patch
 * @returns {Choice}
 */
export function chosenWith(choice, patch) {
  const next = { ...choice, ...patch };
  return next.provider === "webgpu" ? { ...next, threads: 1 } : next;
}

/** @param {CompressionState} state */
export function shownPoints({ material, choice, own }) {
  return material === null || choice === null ? [] : pointsOf(material.facts, choice, own);
}

/** @param {CompressionState} state */
export function shownOptions({ material, device }) {
  return material === null ? null : optionsOf(material.facts, device);
}

/**
 * Why nothing can be measured here as chosen, "" if it can.
 *
 * @param {CompressionState} state
 */
export function obstacle({ choice, device }) {
  const threads = choice?.threads ?? 1;
  if (threads <= device.threads) return "";
  return device.isolated
    ? `This device has ${device.threads === 1 ? "one thread" : `${device.threads} threads`} for a page; choose fewer.`
    : "This page is not isolated from others, so that models run on one thread here; choose one.";
}

/**
 * Names that can be measured: those whose models the release holds.
 *
 * @param {CompressionState} state
 */
export function measurable({ material }) {
  return material === null ? [] : Object.keys(material.models);
}
