// The variants as the page shows them under a choice of exam, threads, batch and provider. No DOM.

import { changeOf, familyOf, statusOf } from "./facts.js";

/** @typedef {import("./facts.js").Change} Change */
/** @typedef {import("./facts.js").Facts} Facts */
/** @typedef {import("./facts.js").Run} Run */
/** @typedef {import("./facts.js").Step} Step */
/** @typedef {import("./facts.js").Timed} Timed */

/**
 * @typedef {object} Choice
 * @property {string} exam or "worst"
 * @property {number} threads
 * @property {number} batch
 * @property {string} provider
 * @property {"raw" | "brotli"} size
 *
 * @typedef {Run & { provider: string, created: string, environment: Record<string, unknown>, failures: Record<string, string> }} OwnRun measured on this device
 *
 * @typedef {object} Point
 * @property {string} name
 * @property {boolean} base
 * @property {readonly Step[]} steps
 * @property {string} family
 * @property {"released" | "holds" | "refused"} status
 * @property {readonly string[]} shortfalls
 * @property {number} bytes by the size that is chosen
 * @property {number} smaller the base's over it
 * @property {number} parameters
 * @property {Change} change
 * @property {Timed | null} recorded
 * @property {Timed | null} own
 * @property {string} failure why it was not recorded, or not measured here; "" if nothing failed
 */

/**
 * @param {Facts} facts
 * @param {Choice} choice
 * @param {readonly OwnRun[]} own
 * @returns {Point[]} the base first
 */
export function pointsOf(facts, choice, own) {
  const bytes = choice.size === "raw" ? "size_bytes" : "brotli_bytes";
  const runs = runsOf(facts, choice, own);
  const point = (/** @type {import("./facts.js").Variant} */ variant) => ({
    ...{ name: variant.name, base: false, steps: variant.steps, family: familyOf(variant.steps) },
    ...{ status: statusOf(variant), shortfalls: variant.shortfalls, bytes: variant[bytes] },
    ...{ smaller: facts.base[bytes] / variant[bytes], parameters: variant.parameters },
    change: changeOf(facts, choice.exam, variant),
    ...timesOf(variant.name, runs),
  });
  const points = facts.variants.map(point);
  const { relative = true, exam = "" } = points[0]?.change ?? {};
  const unchanged = { exam, value: 0, low: 0, high: 0, relative };
  return /** @type {Point[]} */ ([
    {
      ...{ name: facts.base.name, base: true, steps: [], family: "trained", status: "released", shortfalls: [] },
      ...{ bytes: facts.base[bytes], smaller: 1, parameters: facts.base.parameters, change: unchanged },
      ...timesOf(facts.base.name, runs),
    },
    ...points,
  ]);
}

/**
 * @param {Facts} facts
 * @param {Choice} choice
 * @param {readonly OwnRun[]} own the latest last
 */
function runsOf({ timings }, choice, own) {
  const timing = timings.find(({ provider }) => provider === choice.provider);
  const fits = (/** @type {{ threads: number, batch: number }} */ run) =>
    run.threads === choice.threads && run.batch === choice.batch;
  return {
    recorded: timing?.runs.find(fits) ?? null,
    failures: timing?.failures ?? {},
    own: own.filter((run) => run.provider === choice.provider && fits(run)).reverse(),
  };
}

/**
 * @param {string} name
 * @param {ReturnType<typeof runsOf>} runs
 */
function timesOf(name, { recorded, failures, own }) {
  const named = (/** @type {Timed} */ model) => model.name === name;
  const latest = own.find(({ models, failures: failed }) => models.some(named) || name in failed);
  return {
    recorded: recorded?.models.find(named) ?? null,
    own: latest?.models.find(named) ?? null,
    failure: latest?.failures[name] ?? failures[name] ?? "",
  };
}

/**
 * What can be chosen: what was recorded, and what this device has beyond that.
 *
 * @param {Facts} facts
 * @param {{ webgpu: string }} device
 */
export function optionsOf({ base, timings }, { webgpu }) {
  const runs = timings.flatMap((timing) => timing.runs);
  const providers = [...timings.map(({ provider }) => provider), ...(webgpu === "" ? [] : ["webgpu"])];
  return {
    exams: Object.keys(base.exams),
    threads: sortedSet(runs.map(({ threads }) => threads)),
    batches: sortedSet(runs.map(({ batch }) => batch)),
    providers: [...new Set(providers)],
  };
}

/** @param {readonly number[]} values */
function sortedSet(values) {
  return [...new Set(values)].sort((one, other) => one - other);
}

/**
 * What a visitor sees first: the largest batch but one, where times are steady and most users of batches are; the fewest threads.
 *
 * @param {Facts} facts
 * @returns {Choice}
 */
export function firstChoice(facts) {
  const { threads, batches } = optionsOf(facts, { webgpu: "" });
  return {
    exam: "worst",
    threads: threads[0] ?? 1,
    batch: batches.at(-2) ?? batches[0] ?? 1,
    provider: facts.timings[0]?.provider ?? "wasm",
    size: "raw",
  };
}
