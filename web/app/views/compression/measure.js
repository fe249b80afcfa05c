// Measuring on this device: what will be done, how far it is, what went wrong.

import { html, nothing } from "lit/html.js";
import { isSoftware } from "../../../bench/contenders/device.js";
import { measurable, obstacle } from "../../compression-state.js";
import { failureText } from "../../failures.js";
import { countText } from "../../format.js";
import { placeText } from "./controls.js";

/** @typedef {import("../../compression-state.js").CompressionState} CompressionState */
/** @typedef {import("./page.js").Actions} Actions */

/**
 * @param {CompressionState} state
 * @param {Actions} actions
 */
export function measureView(state, actions) {
  const { choice, material, task } = state;
  if (choice === null || material === null) return nothing;
  return html`
    <section class="measure" aria-labelledby="measure-title" data-testid="measure">
      <h2 id="measure-title">On your device</h2>
      <p>
        ${countText(measurable(state).length, "variant")} of ${material.facts.variants.length + 1} can be run here, ${placeText(choice)}: each in
        turns with ${material.facts.base.name}, as in the recorded measurement. Models are downloaded when you start; nothing is sent.
      </p>
      ${choice.provider === "webgpu" ? adapterView(state.device.webgpu) : nothing}
      ${task.status === "running" ? runningView(task, actions) : idleView(state, actions)}
    </section>
  `;
}

/** @param {string} adapter */
function adapterView(adapter) {
  if (adapter === "") return nothing;
  const doubt = isSoftware(adapter) ? " It is a program on the processor: its times say nothing of a GPU." : "";
  return html`<p class="hint">Your browser’s adapter: ${adapter}.${doubt}</p>`;
}

/**
 * @param {CompressionState} state
 * @param {Actions} actions
 */
function idleView(state, { measureAll, measureChosen }) {
  const why = obstacle(state);
  const names = measurable(state);
  const { chosen, task } = state;
  return html`
    <p class="actions">
      <button type="button" class="primary" data-testid="measure-all" ?disabled=${why !== ""} @click=${measureAll}>Measure all</button>
      <button type="button" data-testid="measure-one" ?disabled=${why !== "" || !names.includes(chosen)} @click=${measureChosen}>Measure ${chosen}</button>
    </p>
    ${why === "" ? nothing : html`<p class="hint" data-testid="obstacle">${why}</p>`}
    ${task.status === "cancelled" ? html`<p class="hint" role="status">Stopped. Nothing was added.</p>` : nothing}
    ${task.status === "error" ? problemView(task.failure) : nothing}
    ${state.own.length > 0 && task.status === "idle" ? html`<p role="status" data-testid="measured">${ownText(state)}</p>` : nothing}
  `;
}

/** @param {CompressionState} state */
function ownText({ own }) {
  const last = own.at(-1);
  const failed = Object.keys(last?.failures ?? {});
  const lost = failed.length > 0 ? ` ${failed.join(", ")} did not run; their details say why.` : "";
  return `${countText(last?.models.length ?? 0, "model")} measured here, now in the plot and in the table.${lost}`;
}

/** @param {unknown} failure */
function problemView(failure) {
  const { detail, title } = failureText(failure);
  return html`<p class="problem" role="alert" data-testid="measure-failure">${detail || title}</p>`;
}

/**
 * @param {import("../../compression-state.js").Task} task
 * @param {Actions} actions
 */
function runningView({ fraction, words }, { cancel }) {
  const percent = Math.round(100 * fraction);
  return html`
    <div class="loading" data-testid="measuring">
      <label for="measure-bar">Measuring</label>
      <progress id="measure-bar" max="1" .value=${fraction} aria-valuetext="${percent} percent">${percent}%</progress>
      <p class="loading-detail"><span>${words}</span> <button type="button" data-testid="cancel" @click=${cancel}>Cancel</button></p>
    </div>
  `;
}
