// The table of all figures: its columns, its order, and what is exported of it. No DOM.

import { recipeText } from "./facts.js";

/** @typedef {import("./facts.js").Facts} Facts */
/** @typedef {import("./facts.js").Timed} Timed */
/** @typedef {import("./points.js").OwnRun} OwnRun */
/** @typedef {import("./points.js").Point} Point */
/** @typedef {{ key: string, descending: boolean }} Order */

/** @type {Record<string, (point: Point) => number | string>} what each column is sorted by; nothing known comes last */
const SORTED_BY = {
  name: ({ name }) => name,
  bytes: ({ bytes }) => bytes,
  smaller: ({ smaller }) => smaller,
  parameters: ({ parameters }) => parameters,
  change: ({ change }) => change.value,
  time: ({ recorded }) => recorded?.time_ms.median ?? Number.NaN,
  faster: ({ recorded }) => fasterOf(recorded),
  own: ({ own }) => own?.time_ms.median ?? Number.NaN,
  own_faster: ({ own }) => fasterOf(own),
  load: ({ recorded }) => recorded?.load_ms ?? Number.NaN,
  status: ({ status }) => ["released", "holds", "refused"].indexOf(status),
};

/** @param {Timed | null} timed */
function fasterOf(timed) {
  return timed === null ? Number.NaN : 1 / timed.ratio.median;
}

/**
 * @param {readonly Point[]} points
 * @param {Order} order
 * @returns {Point[]} what is not known last, whatever the direction
 */
export function sorted(points, { key, descending }) {
  const value = SORTED_BY[key] ?? SORTED_BY.name;
  return [...points].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    const unknown = Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    if (unknown !== 0 || a === b) return unknown;
    return (a < b ? -1 : 1) * (descending ? -1 : 1);
  });
}

/**
 * @param {Order} order
 * @param {string} key
 * @returns {Order} the other way round where it is sorted by that already
 */
export function turned(order, key) {
  return { key, descending: order.key === key && !order.descending };
}

/**
 * Every figure as CSV: a line for each model, provider, number of threads, batch and origin.
 *
 * @param {Facts} facts
 * @param {readonly OwnRun[]} own
 * @see RFC 4180
 */
export function csvText(facts, own) {
  const exams = Object.keys(facts.base.exams);
  const head = [
    ...["measured", "variant", "recipe", "released", "holds_budget", "size_bytes", "brotli_bytes", "parameters"],
    ...["provider", "threads", "batch", "median_ms", "lower_quartile_ms", "upper_quartile_ms", "ratio", "load_ms"],
    ...exams.flatMap((exam) => ["loss", "low", "high"].map((part) => `${exam}_${part}`)),
  ];
  const recorded = facts.timings.flatMap((timing) =>
    timing.runs.map((run) => ({ ...run, provider: timing.provider, measured: "recorded" })),
  );
  const runs = [...recorded, ...own.map((run) => ({ ...run, measured: "here" }))];
  const lines = runs.flatMap((run) => run.models.map((model) => lineOf(facts, exams, run, model)));
  return `${[head, ...lines].map((cells) => cells.map(cellText).join(",")).join("\r\n")}\r\n`;
}

/**
 * @param {Facts} facts
 * @param {readonly string[]} exams
 * @param {import("./facts.js").Run & { provider: string, measured: string }} run
 * @param {Timed} model
 */
function lineOf(facts, exams, run, { name, time_ms, ratio, load_ms }) {
  const variant = facts.variants.find((each) => each.name === name);
  const about = variant ?? facts.base;
  const quality = exams.flatMap((exam) => {
    const difference = variant?.quality[exam];
    return difference ? [difference.variant, difference.low, difference.high] : [facts.base.exams[exam].loss, 0, 0];
  });
  return [
    ...[run.measured, name, recipeText(variant?.steps ?? []), variant?.released ?? true, variant?.ships ?? true],
    ...[about.size_bytes, about.brotli_bytes, about.parameters, run.provider, run.threads, run.batch],
    ...[time_ms.median, time_ms.lower_quartile, time_ms.upper_quartile, ratio.median, load_ms, ...quality],
  ];
}

/** @param {unknown} value */
function cellText(value) {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Everything as JSON: what was recorded, and what was measured here.
 *
 * @param {Facts} facts
 * @param {string} release
 * @param {readonly OwnRun[]} own
 */
export function jsonText(facts, release, own) {
  return `${JSON.stringify({ format: 1, pipeline: facts.pipeline, release, recorded: facts, here: own }, null, 1)}\n`;
}
