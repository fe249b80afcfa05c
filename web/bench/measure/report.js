/** What a run of the benchmark leaves behind: the JSON that the page offers and the headless runner writes. */

/**
 * @typedef {import("./benchmark.js").Result} Result
 * @typedef {import("./plan.js").Extent} Extent
 * @typedef {import("./plan.js").Plan} Plan
 * @typedef {import("./statistics.js").Summary} Summary
 *
 * @typedef {object} Environment
 * @property {string} user_agent
 * @property {number} cores Logical processors, as the browser tells.
 * @property {boolean} isolated Cross-origin isolated: threads and a finer clock.
 * @property {number} clock_tick_ms
 * @property {string} webgpu Adapter, or "" where there is none.
 *
 * @typedef {object} PublicApi A warm prediction of one record, by the engine that a page gets which names none.
 * @property {string} id Of that contender.
 * @property {number} p50_ms
 * @property {number} p95_ms
 * @property {number} count
 * @property {number | null} target_ms For the p50.
 *
 * @typedef {object} PipelineReport
 * @property {string} pipeline
 * @property {string} title
 * @property {string} noun What a record is.
 * @property {Plan} plan
 * @property {PublicApi | null} public_api
 * @property {Result[]} contenders
 * @property {import("./windows.js").WindowsResult | null} windows Null where the release has none.
 *
 * @typedef {object} Report
 * @property {2} format
 * @property {string} release
 * @property {string} created ISO 8601.
 * @property {number} duration_s
 * @property {Extent} extent
 * @property {Environment} environment
 * @property {PipelineReport[]} pipelines
 */

/** @type {Record<Result["status"], string>} */
export const STATUS_TEXTS = {
  measured: "measured",
  disagrees: "wrong answers, not timed",
  failed: "failed",
};

/**
 * @param {readonly Result[]} results
 * @param {string} id Of the contender that is the public API.
 * @param {number | null} target_ms
 * @returns {PublicApi | null} Null where it was not measured.
 */
export function publicApi(results, id, target_ms) {
  const single = results.find((result) => result.id === id)?.steady.find(({ batch }) => batch === 1);
  if (!single) return null;
  const { median, p95, count } = single.total;
  return { id, p50_ms: median, p95_ms: p95, count: count * single.calls_per_sample, target_ms };
}

/**
 * The report as people save it: a line a number would be a thousand lines, so samples stay on one.
 *
 * @param {Report} report
 * @returns {string}
 */
export function reportText(report) {
  const text = JSON.stringify(report, null, 2);
  return `${text.replaceAll(/\[\n([-\d.e+,\s]+?)\n\s*\]/g, (_, list) => `[${list.trim().replaceAll(/\s+/g, " ")}]`)}\n`;
}

/**
 * @param {Report} report
 * @returns {string} For a saved report.
 */
export function fileName({ pipelines, release, created }) {
  const names = pipelines.map(({ pipeline }) => pipeline).join("-");
  return `foreshore-bench-${names}-${release}-${created.slice(0, 19).replaceAll(":", "")}.json`;
}
