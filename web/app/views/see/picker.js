// Where pictures come from: a file, the samples, the camera.

import { html, nothing } from "lit/html.js";
import { oneOf } from "../../photo/given.js";
import { failureView } from "../loading.js";

/** @typedef {import("../../see-state.js").SeeState} SeeState */
/** @typedef {import("../../see-state.js").Sample} Sample */
/** @typedef {ReturnType<typeof import("../../see-actions.js").createSee>} Actions */

/** @param {Actions} actions */
export function pickerView(actions) {
  const state = actions.state();
  return html`
    <h2 id="picker-title">Show it something</h2>
    ${dropView(actions)}
    ${refusalView(state.refusal, "refusal")}
    ${samplesView(actions)}
    ${cameraView(actions)}
    <p class="hint">Photos and camera frames stay on this device. The model looks at the square in the middle.</p>
  `;
}

/** @param {Actions} actions */
function dropView({ state, give }) {
  const onChange = (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const files = [...(input.files ?? [])];
    input.value = ""; // so that the same file can be chosen again
    if (files.length > 0) give(() => oneOf(files));
  };
  return html`
    <label class="drop">
      <input type="file" accept="image/*" data-testid="file" @change=${onChange} />
      <span class="drop-title">${state().reading ? "Reading…" : "Choose a photo"}</span>
      <span class="hint">or drop one anywhere on this page, or paste one</span>
    </label>
  `;
}

/**
 * @param {SeeState["refusal"]} refusal
 * @param {string} id
 */
function refusalView(refusal, id) {
  if (refusal === null) return nothing;
  return html`<p class="problem" role="alert" data-testid=${id}><strong>${refusal.title}</strong> ${refusal.advice}</p>`;
}

/** @param {Actions} actions */
function samplesView(actions) {
  const { samples, samplesFailure, photo } = actions.state();
  if (samplesFailure !== null) return failureView(samplesFailure, actions.openSamples);
  if (samples.length === 0) return nothing;
  return html`
    <fieldset class="samples" data-testid="samples">
      <legend>Or one of these</legend>
      <div class="samples-row">
        ${samples.map((sample) => sampleView(sample, photo?.sample === sample, () => actions.trySample(sample)))}
      </div>
    </fieldset>
  `;
}

/**
 * @param {Sample} sample
 * @param {boolean} chosen
 * @param {() => void} onChoose
 */
function sampleView({ url, title, width, height }, chosen, onChoose) {
  return html`
    <button type="button" class="sample" aria-pressed=${chosen} @click=${onChoose}>
      <img src=${url} alt="" width=${width} height=${height} draggable="false" />
      <span>${title}</span>
    </button>
  `;
}

/** @param {Actions} actions */
function cameraView({ state, startCamera, stopCamera }) {
  const { camera, starting, cameraRefusal } = state();
  const running = camera !== null || starting;
  const label = camera !== null ? "Stop the camera" : starting ? "Cancel: waiting for the camera…" : "Start the camera";
  return html`
    <div class="camera-controls">
      <button type="button" data-testid="camera-button" @click=${running ? stopCamera : startCamera}>${label}</button>
      ${refusalView(cameraRefusal, "camera-refusal")}
    </div>
  `;
}
