// The See page as a whole: the picture and what the model sees in it, and beside it where pictures come from.

import { html, nothing } from "lit/html.js";
import { durationText } from "../../format.js";
import { ranking } from "../../see-state.js";
import { failureView, loadingView } from "../loading.js";
import { ranView } from "../ran.js";
import { pickerView } from "./picker.js";
import { rankingView } from "./ranking.js";

/** @typedef {import("../../see-state.js").SeeState} SeeState */
/** @typedef {ReturnType<typeof import("../../see-actions.js").createSee>} Actions */

/** @typedef {import("../../pipeline-page.js").Surroundings & { actions: Actions }} PageModel */

/** @param {PageModel} model */
export function seeView(model) {
  const state = model.actions.state();
  return html`
    <div class="arrivals see">
      <section class="result" aria-labelledby="result-title">${resultPanel(model)}</section>
      <section class="picker" aria-labelledby="picker-title">${pickerView(model.actions)}</section>
      ${ranView(model, { answer: state.answered?.answer ?? null, given: "What you show", ...tookOf(state) })}
    </div>
    <p class="visually-hidden" role="status" data-testid="announcement">${state.said}</p>
  `;
}

/**
 * Of a camera's frames the median, which can be read while they come.
 *
 * @param {SeeState} state
 */
function tookOf({ pace }) {
  return pace === null ? {} : { took: durationText(pace.p50_ms) };
}

/** @param {PageModel} model */
function resultPanel({ session, actions, engine }) {
  const state = actions.state();
  return html`
    <h2 id="result-title">${state.camera === null ? (state.photo?.name ?? "A photo") : "Your camera"}</h2>
    ${pictureView(state)}
    ${session.status === "ready" ? nothing : loadingView(session, engine)}
    ${state.failure === null ? nothing : failureView(state.failure, actions.ask)}
    ${[...state.problems.values()].map((problem) => html`<p class="problem" role="alert">${problem}</p>`)}
    ${answerView(state, session.status === "ready")}
  `;
}

/** @param {SeeState} state */
function pictureView({ camera, photo, pace }) {
  if (camera !== null) {
    return html`
      <figure class="sight mirrored" data-testid="camera">
        ${camera.video}
        <figcaption class="hint" data-testid="pace">${
          pace === null
            ? "Waiting for the first answer…"
            : `${pace.fps.toFixed(pace.fps < 9.95 ? 1 : 0)} frames a second, ${durationText(pace.p50_ms)} each (median of the last 2 s)`
        }</figcaption>
      </figure>
    `;
  }
  if (photo === null) return html`<p class="sight blank">Nothing to look at yet.</p>`;
  const { width, height } = photo.image;
  const { canvas, sample, notes } = { canvas: photo.preview, ...photo };
  return html`
    <figure class="sight" data-testid="photo" data-width=${width} data-height=${height}>
      ${labelled(canvas, photo.name)}
      <figcaption class="hint">
        ${notes.map((note) => html`<span data-testid="note">${note} </span>`)}
        ${width} × ${height} pixels${sample === null ? "" : `. Photo: ${sample.credit}, ${sample.licence}`}
      </figcaption>
    </figure>
  `;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {string} name
 */
function labelled(canvas, name) {
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", name);
  return canvas;
}

/**
 * @param {SeeState} state
 * @param {boolean} ready
 */
function answerView(state, ready) {
  const ranked = ranking(state);
  if (ranked.length > 0) return rankingView(ranked);
  const asked = state.photo !== null && state.failure === null && state.problems.size === 0;
  return ready && asked ? html`<p class="waiting">Looking…</p>` : nothing;
}
