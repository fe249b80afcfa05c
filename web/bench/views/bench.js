// The benchmark page: what to run, how far it is, what came out.

import { html, nothing } from "lit/html.js";
import { failureView } from "../../app/views/loading.js";
import { aboutView } from "./about.js";
import { introView } from "./intro.js";
import { resultsView } from "./results.js";

/**
 * @typedef {import("../measure/plan.js").Extent} Extent
 * @typedef {import("../measure/report.js").Report} Report
 *
 * @typedef {object} BenchState
 * @property {"loading" | "idle" | "running" | "done" | "cancelled" | "error"} status
 * @property {readonly {name: string, title: string}[]} offers Pipelines that can be measured.
 * @property {readonly string[]} chosen Those of them that are to be.
 * @property {Extent} extent
 * @property {number} fraction
 * @property {string} phase
 * @property {Report | null} report The latest one.
 * @property {string} reportUrl
 * @property {string} reportName
 * @property {unknown} failure
 *
 * @typedef {object} BenchActions
 * @property {(extent: Extent) => void} choose
 * @property {(name: string, wanted: boolean) => void} choosePipeline
 * @property {() => void} run
 * @property {() => void} retry
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
      ${state.status === "error" ? failureView(state.failure, actions.retry) : nothing}
    </section>
    ${state.report === null ? introView() : html`${resultsView(state.report)}${aboutView(state)}`}
  `;
}

/**
 * @param {BenchState} state
 * @param {BenchActions} actions
 */
function controlsView({ status, offers, chosen, extent }, actions) {
  const running = status === "running";
  const idle = running || chosen.length === 0;
  return html`
    <form class="actions" @submit=${(/** @type {Event} */ event) => submit(event, actions)}>
      <fieldset class="chosen" ?disabled=${running}>
        <legend class="visually-hidden">What to measure</legend>
        ${offers.map((offer) => offerView(offer, chosen, actions))}
      </fieldset>
      <fieldset class="switch" ?disabled=${running}>
        <legend class="visually-hidden">How much to measure</legend>
        ${choiceView("quick", "Quick", extent, actions)}
        ${choiceView("full", "Full", extent, actions)}
      </fieldset>
      <button class="primary" type="submit" data-testid="run" ?disabled=${idle}>Run</button>
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
 * @param {{name: string, title: string}} offer
 * @param {readonly string[]} chosen
 * @param {BenchActions} actions
 */
function offerView({ name, title }, chosen, actions) {
  const take = (/** @type {Event} */ { target }) =>
    actions.choosePipeline(name, /** @type {HTMLInputElement} */ (target).checked);
  return html`
    <label>
      <input type="checkbox" name="pipeline" value=${name} .checked=${chosen.includes(name)} @change=${take} />
      ${title}
    </label>
  `;
}

/**
 * @param {Extent} name
 * @param {string} label
 * @param {string} chosen
 * @param {BenchActions} actions
 */
function choiceView(name, label, chosen, actions) {
  return html`
    <label>
      <input type="radio" name="extent" value=${name} .checked=${name === chosen} @change=${() => actions.choose(name)} />
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
