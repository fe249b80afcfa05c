// The Live page as a whole: the controls, how far off the forecasts are, the board, a flight, the day.

import { html } from "lit/html.js";
import { countText, durationText, numberText } from "../../format.js";
import { percentile } from "../../live/pace.js";
import { errorsOf } from "../../live-state.js";
import { ranView } from "../ran.js";
import { liveBoardView } from "./board.js";
import { controlsView } from "./controls.js";
import { dayView } from "./day.js";
import { errorsView } from "./errors.js";
import { liveFlightView } from "./flight.js";

/** @typedef {import("../../live-state.js").LiveState} LiveState */
/** @typedef {ReturnType<typeof import("../../live-actions.js").createLive>} Actions */

/**
 * @typedef {import("../../pipeline-page.js").Surroundings & {
 *   actions: Actions, onTime: (event: Event) => void, onFind: (event: Event) => void }} LiveModel
 */

/** @param {LiveModel} model */
export function livePageView(model) {
  const state = model.actions.state();
  return html`
    <section class="controls" aria-label="Replay">${controlsView(model)}</section>
    <div class="live-page">
      <section class="panel errors" aria-labelledby="errors-title">${errorsView(state, errorsOf(state), model.actions)}</section>
      <section class="panel board" aria-labelledby="board-title">${liveBoardView(model)}</section>
      <section class="panel closely" aria-labelledby="flight-title">${liveFlightView(model)}</section>
      <section class="panel day-panel" aria-labelledby="day-title">${dayView(state, model.actions.choose)}</section>
      ${ranView(model, ranOf(model))}
    </div>
    <p class="visually-hidden" role="status" data-testid="announcement">${state.said}</p>
  `;
}

/**
 * What answered: the predictor, and how fast its ticks were.
 *
 * @param {LiveModel} model
 * @returns {import("../ran.js").Ran}
 */
function ranOf({ session: { predictor }, actions }) {
  const { pace, now_min } = actions.state();
  if (predictor === null || now_min === null) return { answer: null, reads: true };
  const { release, variant, engine, threads, provider } = predictor;
  const latency_ms = percentile(pace, 0.5);
  return {
    answer: { release, variant, engine, threads, provider, latency_ms },
    took: paceText(pace),
    windows: true,
    reads: true,
  };
}

/** @param {LiveState["pace"]} pace */
function paceText(pace) {
  const { ticks_ms, jump } = pace;
  const [half, most] = [0.5, 0.95].map((share) => durationText(percentile(pace, share)));
  const ticks =
    ticks_ms.length === 0 ? "no tick yet" : `p50 ${half}, p95 ${most} over ${countText(ticks_ms.length, "tick")}`;
  if (jump === null) return ticks;
  const [events, answers] = [countText(jump.events, "event"), countText(jump.answers, "prediction")];
  const speed = numberText(Math.round((1000 * jump.events) / jump.took_ms));
  return `${ticks}; last jump: ${events} and ${answers} in ${durationText(jump.took_ms)}, ${speed} events/s`;
}
