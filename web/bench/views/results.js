// What was measured, as charts and tables.

import { html, nothing } from "lit/html.js";
import { bytesText, countText, numberText } from "../../app/format.js";
import { batchSizes } from "../measure/plan.js";
import { STATUS_TEXTS } from "../measure/report.js";
import { chartView } from "./chart.js";
import { tableView } from "./table.js";
import { windowsView } from "./windows.js";
import { differenceText, rangeText, ratioText, timeText } from "./words.js";

/**
 * @typedef {import("../measure/benchmark.js").Result} Result
 * @typedef {import("../measure/plan.js").Plan} Plan
 * @typedef {import("../measure/report.js").PipelineReport} PipelineReport
 * @typedef {import("../measure/report.js").Report} Report
 * @typedef {import("../measure/statistics.js").Summary} Summary
 * @typedef {import("../measure/steady.js").SteadyState} SteadyState
 */

const NUMERIC = { numeric: true };

/** @param {Report} report */
export function resultsView({ pipelines }) {
  return pipelines.map(pipelineView);
}

/** @param {PipelineReport} report */
function pipelineView(report) {
  const { pipeline, title, plan, contenders, windows } = report;
  return html`
    <section class="pipeline" aria-labelledby="${pipeline}-title" data-testid="${pipeline}-results">
      <h2 id="${pipeline}-title">${title}</h2>
      ${publicApiView(report)}
      <section aria-labelledby="${pipeline}-steady-title">
        <h3 id="${pipeline}-steady-title">Loaded and warm</h3>
        <p class="aside">
          From the page’s call to the page’s answer. Bar: the middle half of all samples; stroke: median; line: up to the
          95th percentile. The scale is logarithmic.
        </p>
        ${batchSizes(plan).map((batch) => batchView(report, batch))}
      </section>
      <section aria-labelledby="${pipeline}-startup-title">
        <h3 id="${pipeline}-startup-title">From nothing to the first answers</h3>
        <p class="aside">${startupText(plan)}</p>
        ${startupView(pipeline, contenders)}
      </section>
      ${windowsView(pipeline, windows)}
      <section aria-labelledby="${pipeline}-agreement-title">
        <h3 id="${pipeline}-agreement-title">The same answers</h3>
        <p class="aside">
          Before anything was timed, all of them answered the recorded cases. Differences are in the answer’s own unit, or
          its scores; relative where what is expected is above one.
        </p>
        ${agreementView(pipeline, contenders)}
      </section>
    </section>
  `;
}

/** @param {PipelineReport} report */
function publicApiView({ pipeline, public_api, contenders }) {
  if (public_api === null) return nothing;
  const { id, p50_ms, p95_ms, count, target_ms } = public_api;
  const label = contenders.find((contender) => contender.id === id)?.label;
  return html`
    <section class="headline" aria-labelledby="${pipeline}-headline-title">
      <h3 id="${pipeline}-headline-title">One prediction through the public API</h3>
      <p class="headline-figure" data-testid="${pipeline}-p50">${timeText(p50_ms)}</p>
      <p class="aside">
        ${label}: median of ${countText(count, "warm call")}, the checks of the input included; 95% took at most
        ${timeText(p95_ms)}. ${targetText(p50_ms, target_ms)} ${otherEngines(contenders, id)}
      </p>
    </section>
  `;
}

/**
 * @param {number} p50_ms
 * @param {number | null} target_ms
 */
function targetText(p50_ms, target_ms) {
  if (target_ms === null) return "";
  return `That is ${p50_ms < target_ms ? "within" : "over"} the target of ${target_ms} ms.`;
}

/**
 * @param {readonly Result[]} contenders
 * @param {string} id
 */
function otherEngines(contenders, id) {
  const others = contenders.filter((contender) => contender.engine === "foreshore" && contender.id !== id);
  return others.flatMap(({ label, steady }) =>
    steady.filter(({ batch }) => batch === 1).map(({ total }) => `${label}: ${timeText(total.median)}.`),
  );
}

/**
 * @param {PipelineReport} report
 * @param {number} batch
 */
function batchView({ pipeline, noun, contenders }, batch) {
  const title = `${countText(batch, noun)} a call`;
  const measured = contenders.flatMap(({ label, engine, steady }) =>
    steady.filter((each) => each.batch === batch).map(({ total }) => ({ label, engine, summary: total })),
  );
  const columns = [
    { title: "Contender" },
    { title: "Median", ...NUMERIC },
    { title: "95%", ...NUMERIC, hint: "95th percentile" },
    { title: "Middle half", ...NUMERIC, hint: "From the lower to the upper quartile" },
    { title: "Features", ...NUMERIC, hint: "Checks and features; of one graph only the checks" },
    { title: "Model", ...NUMERIC, hint: "With the features, where both are one graph" },
    { title: "Decoding", ...NUMERIC },
    { title: "Messages", ...NUMERIC, hint: "The rest: posting, JSON, waking, scheduling" },
    {
      title: "vs JavaScript",
      ...NUMERIC,
      hint: "Against hand-written JavaScript: median of the rounds’ ratios, and its 95% interval",
    },
    { title: `${capitalised(noun)}s/s`, ...NUMERIC },
  ];
  return html`
    <h4>${title}</h4>
    ${measured.length > 0 ? chartView(title, measured) : nothing}
    ${tableView({
      caption: `Durations, ${title}`,
      columns,
      rows: contenders.map((contender) => steadyRow(contender, batch)),
      testid: `${pipeline}-steady-${batch}`,
    })}
  `;
}

/**
 * @param {Result} contender
 * @param {number} batch
 */
function steadyRow({ label, engine, status, steady }, batch) {
  const state = steady.find((each) => each.batch === batch);
  if (!state) return { label, engine, cells: [], note: STATUS_TEXTS[status] };
  const { total, phases, messaging, ratio, records_per_s } = state;
  const cells = [
    timeText(total.median),
    timeText(total.p95),
    rangeText(total.lower_quartile, total.upper_quartile),
    ...["prepare", "run", "decode"].map((name) => (phases[name] ? timeText(phases[name].median) : "–")),
    timeText(messaging.median),
    ratio ? spanText(ratio) : "–",
    numberText(Number(records_per_s.toPrecision(3))),
  ];
  return { label, engine, cells };
}

/** @param {string} word */
function capitalised(word) {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/**
 * @param {Result["status"]} status
 * @param {string} message
 */
function noteText(status, message) {
  return message === "" ? STATUS_TEXTS[status] : `${STATUS_TEXTS[status]}: ${message}`;
}

/** @param {Summary} ratio */
function spanText({ median, median_interval: [low, high] }) {
  if (low === high) return ratioText(median);
  return html`${ratioText(median)} <span class="interval">(${ratioText(low)} to ${ratioText(high)})</span>`;
}

/** @param {Plan} plan */
function startupText({ starts }) {
  return `Medians of ${countText(starts, "fresh start")} each. Files are downloaded past the browser’s cache, then started from it; the code that the browser has compiled before may be kept.`;
}

/**
 * @param {string} pipeline
 * @param {readonly Result[]} contenders
 */
function startupView(pipeline, contenders) {
  return tableView({
    caption: "Start-up",
    testid: `${pipeline}-startup`,
    columns: [
      { title: "Contender" },
      { title: "Files", ...NUMERIC },
      { title: "Download", ...NUMERIC, hint: "Compressed, over the network" },
      { title: "Download time", ...NUMERIC },
      {
        title: "Compile and start",
        ...NUMERIC,
        hint: "Workers, WebAssembly, Python, session; ONNX Runtime’s own first run on zeros included",
      },
      { title: "First call", ...NUMERIC },
      { title: "Warm-up", ...NUMERIC, hint: "Until calls take what later calls take" },
    ],
    rows: contenders.map(startupRow),
  });
}

/** @param {Result} contender */
function startupRow({ label, engine, status, startup }) {
  if (startup === null) return { label, engine, cells: [], note: STATUS_TEXTS[status] };
  const times = [startup.download, startup.instantiate, startup.first_call, startup.warm_up];
  const cells = [numberText(startup.files), bytesText(startup.transferred_bytes), ...times.map(spreadText)];
  return { label, engine, cells };
}

/** @param {Summary} summary */
function spreadText({ median, minimum, maximum }) {
  return html`${timeText(median)} <span class="interval">(${rangeText(minimum, maximum)})</span>`;
}

/**
 * @param {string} pipeline
 * @param {readonly Result[]} contenders
 */
function agreementView(pipeline, contenders) {
  return tableView({
    caption: "Agreement of answers",
    testid: `${pipeline}-agreement`,
    columns: [
      { title: "Contender" },
      { title: "Verdict" },
      { title: "Compared with" },
      { title: "Answers", ...NUMERIC },
      { title: "Largest difference", ...NUMERIC },
      { title: "Typical difference", ...NUMERIC, hint: "The median one" },
      { title: "Allowed", ...NUMERIC },
    ],
    rows: contenders.flatMap((contender) => agreementRows(contender, contenders)),
  });
}

/**
 * @param {Result} contender
 * @param {readonly Result[]} contenders
 */
function agreementRows({ label, engine, status, message, agreements }, contenders) {
  if (agreements.length === 0) return [{ label, engine, cells: [], note: noteText(status, message) }];
  return agreements.map((agreement) => {
    const reference = contenders.find(({ id }) => id === agreement.reference)?.label ?? "recorded answers";
    const allowed = `${agreement.statistic} ${differenceText(agreement.tolerance)}`;
    const cells = [
      agreement.agrees ? "agrees" : html`<strong class="problem">different</strong>: ${agreement.message}`,
      reference,
      numberText(agreement.compared),
      differenceText(agreement.largest_difference),
      differenceText(agreement.typical_difference),
      allowed,
    ];
    return { label, engine, cells };
  });
}
