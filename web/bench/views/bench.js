// The benchmark page: what to run, how far it is, what came out.

import { html, nothing } from "lit/html.js";
import { failureView } from "../../app/views/loading.js";
import { PLANS } from "../measure/plan.js";
import { aboutView } from "./about.js";
import { introView } from "./intro.js";
import { resultsView } from "./results.js";

/**
 * @typedef {import("../measure/report.js").Report} Report
 *
 * @typedef {object} BenchState
 * @property {"idle" | "running" | "done" | "cancelled" | "error"} status
 * @property {"quick" | "full"} plan
 * @property {number} fraction
 * @property {string} phase
 * @property {Report | null} report The latest one.
 * @property {string} reportUrl
 * @property {string} reportName
 * @property {unknown} failure
 *
 * @typedef {object} BenchActions
 * @property {(plan: "quick" | "full") => void} choose
 * @property {() => void} run
 * @property {() => void} cancel
 */

/**
 * @param {BenchState} state
 * @param {BenchActions} actions
 * @param {boolean} isolated
 */
export function benchView(state, actions, isolated) {
  return html`
    <section class="panel" aria-label="Run">
      ${controlsView(state, actions)}
      ${isolated ? nothing : html`<p class="notice">This site is served without cross-origin isolation (the COOP and COEP headers): one thread only, and a clock that ticks every 0.1 ms.</p>`}
      ${progressView(state)}
      ${state.status === "error" ? failureView(state.failure, actions.run) : nothing}
    </section>
    ${state.report === null ? introView() : html`${resultsView(state.report)}${aboutView(state)}`}
  `;
}

/**
 * @param {BenchState} state
 * @param {BenchActions} actions
 */
function controlsView({ status, plan }, actions) {
  const running = status === "running";
  return html`
    <form class="actions" @submit=${(/** @type {Event} */ event) => submit(event, actions)}>
      <fieldset class="switch" ?disabled=${running}>
        <legend class="visually-hidden">How much to measure</legend>
        ${choiceView("quick", "Quick, under a minute", plan, actions)}
        ${choiceView("full", "Full, a few minutes", plan, actions)}
      </fieldset>
      <button class="primary" type="submit" data-testid="run" ?disabled=${running}>Run</button>
      ${running ? html`<button type="button" data-testid="cancel" @click=${actions.cancel}>Cancel</button>` : nothing}
    </form>
  `;
}

/**
 * @param {Event} event
 * @param {BenchActions} actions
 */
function submit(event, actions) {
  event.preventDefault();
  actions.run();
}

/**
 * @param {keyof typeof PLANS} name
 * @param {string} label
 * @param {string} chosen
 * @param {BenchActions} actions
 */
function choiceView(name, label, chosen, actions) {
  return html`
    <label>
      <input type="radio" name="plan" value=${name} .checked=${name === chosen} @change=${() => actions.choose(name)} />
      ${label}
    </label>
  `;
}

/** @param {BenchState} state */
function progressView({ status, fraction, phase }) {
  const percent = Math.round(100 * fraction);
  return html`
    ${
      status === "running"
        ? html`<div class="progress">
            <progress max="100" value=${percent} aria-label="Benchmark">${percent}%</progress>
            <p class="aside">${phase}. Leave this page in front: browsers slow down those behind.</p>
          </div>`
        : nothing
    }
    <p class="visually-hidden" role="status" data-testid="status">${statusText(status, percent)}</p>
  `;
}

/**
 * What is read out: a step of a quarter each, not every turn.
 *
 * @param {BenchState["status"]} status
 * @param {number} percent
 */
function statusText(status, percent) {
  switch (status) {
    case "running":
      return `Measuring, ${25 * Math.floor(percent / 25)}% done.`;
    case "done":
      return "Measured. The results follow.";
    case "cancelled":
      return "Cancelled.";
    default:
      return "";
  }
}
