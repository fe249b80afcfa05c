// How it was measured, where, and the report to keep.

import { html, nothing } from "lit/html.js";
import { countText, numberText } from "../../app/format.js";
import { timeText } from "./words.js";

/**
 * @typedef {import("./bench.js").BenchState} BenchState
 * @typedef {import("../measure/report.js").PipelineReport} PipelineReport
 * @typedef {import("../measure/report.js").Report} Report
 */

/** @param {PipelineReport} report */
function planView({ title, noun, plan, windows }) {
  const samples = Object.entries(plan.samples_per_turn);
  const turns = samples
    .map(([batch, count]) => `${countText(count, "sample")} of ${countText(Number(batch), noun)}`)
    .join(", ");
  return html`
    <li>
      ${title}: ${countText(plan.rounds, "round")}, a turn being ${turns}.
      ${
        windows && plan.windows
          ? html`News are the release’s own: all of ${countText(plan.windows.days, "day")} in one call, ${plan.windows.runs} times,
              then one event a call, each time from empty windows.`
          : nothing
      }
    </li>
  `;
}

/** @param {BenchState} state With a report. */
export function aboutView({ report, reportUrl, reportName }) {
  const { pipelines, environment, release, created, duration_s } = /** @type {Report} */ (report);
  const facts = [
    ["Release", release],
    ["Date", new Date(created).toLocaleString("en-GB")],
    ["Took", timeText(1000 * duration_s)],
    ["Browser", environment.user_agent],
    ["Processor cores", numberText(environment.cores)],
    ["Cross-origin isolated", environment.isolated ? "yes" : "no, so one thread"],
    ["Clock tick", timeText(environment.clock_tick_ms)],
    ["WebGPU", environment.webgpu || "none"],
  ];
  return html`
    <section aria-labelledby="about-title">
      <h2 id="about-title">How this was measured</h2>
      <ul class="method">
        <li>
          In rounds; in each, every contender has one turn, in an order that changes, so that a busy moment
          of the machine falls on all of them.
        </li>
        <li>
          A turn is one call that isn’t counted, then the samples. A sample is one call, or the mean of several where one is
          shorter than 100 ticks of the clock.
        </li>
        ${pipelines.map(planView)}
        <li>
          Hand-written JavaScript makes features on the page and runs the network in a worker, as ONNX Runtime does; it
          does not check its input. Foreshore does, so its times hold more work.
        </li>
        <li>Ratios are taken round by round, against the same round of the baseline.</li>
      </ul>
      <dl class="conditions">${facts.map(([term, fact]) => html`<div><dt>${term}</dt><dd>${fact}</dd></div>`)}</dl>
      <p class="actions"><a class="button" data-testid="download" href=${reportUrl} download=${reportName}>Save the report (JSON)</a></p>
    </section>
  `;
}
