// The controls of a replay: the day, the clock, playing and pausing, the speed, the way to any time.

import { live } from "lit/directives/live.js";
import { html } from "lit/html.js";
import { dayText } from "../../format.js";
import { newYorkTime } from "../../live/clock.js";
import { isReadable, knownAt, newsBetween } from "../../live/feed.js";
import { intakeText, newsText } from "../../live/words.js";
import { SPEEDS } from "../../live-state.js";
import { dayView } from "../board.js";
import { failureView, loadingView } from "../loading.js";

/** @typedef {import("../../live-state.js").LiveState} LiveState */
/** @typedef {import("./page.js").LiveModel} LiveModel */

/** News of so long ago is still shown. */
const RECENT_MIN = 60;
const NEWS_SHOWN = 3;

/** @param {LiveModel} model */
export function controlsView(model) {
  const { actions } = model;
  const state = actions.state();
  return html`
    <div class="deck">
      ${dayView({ days: state.days, day: state.day, onDay: actions.openDay })}
      <p class="clock" data-testid="clock" data-minute=${state.now_min ?? ""}>
        <span class="visually-hidden">In New York it is</span>
        ${state.day === "" ? "–" : newYorkTime(state.aim_min ?? state.now_min ?? state.opens_min)}
      </p>
      ${transportView(model)}
      ${speedView(model)}
      ${wayView(model)}
    </div>
    ${situationView(model)}
  `;
}

/** @param {LiveModel} model */
function transportView({ actions }) {
  const { playing, now_min, ends_min } = actions.state();
  const unready = now_min === null;
  const over = now_min !== null && now_min >= ends_min;
  return html`
    <div class="transport">
      <button type="button" class="primary play" data-testid="play" ?disabled=${unready || over} @click=${actions.toggle}>
        <span class=${playing ? "sign pause" : "sign go"} aria-hidden="true"></span>${playing ? "Pause" : "Play"}
      </button>
      <button type="button" data-testid="step" ?disabled=${unready || over} @click=${actions.step}>Next news</button>
    </div>
  `;
}

/** @param {LiveModel} model */
function speedView({ actions }) {
  const { speed } = actions.state();
  return html`
    <fieldset class="speeds" data-testid="speeds">
      <legend>Minutes a second</legend>
      <div class="switch">
        ${SPEEDS.map(
          (one) => html`<label class="speed">
            <input type="radio" name="speed" value=${one} .checked=${live(one === speed)} @change=${() => actions.chooseSpeed(one)} />
            <span>${one}</span>
          </label>`,
        )}
      </div>
    </fieldset>
  `;
}

/** @param {LiveModel} model */
function wayView({ actions, onTime }) {
  const { opens_min, ends_min, now_min, aim_min } = actions.state();
  const shown = aim_min ?? now_min ?? opens_min;
  const minute = (/** @type {Event} */ event) => Number(/** @type {HTMLInputElement} */ (event.target).value);
  return html`
    <div class="way">
      <input
        type="range"
        aria-label="Time of the day"
        aria-valuetext="${newYorkTime(shown)} in New York"
        data-testid="slider"
        min=${opens_min}
        max=${ends_min}
        step="1"
        ?disabled=${now_min === null}
        .value=${live(String(shown))}
        @input=${(/** @type {Event} */ event) => actions.aim(minute(event))}
        @change=${actions.release}
        @pointerup=${actions.release}
      />
      <form class="go" @submit=${onTime}>
        <label for="go-time" class="visually-hidden">Go to a time, in New York</label>
        <input id="go-time" name="time" type="time" required ?disabled=${now_min === null} />
        <button type="submit" data-testid="go" ?disabled=${now_min === null}>Go</button>
      </form>
    </div>
  `;
}

/**
 * What is going on: loading, a jump, a failure, or the latest news.
 *
 * @param {LiveModel} model
 */
function situationView({ session, engine, actions }) {
  const state = actions.state();
  if (state.daysFailure !== null) return failureView(state.daysFailure, actions.openDays);
  if (session.status !== "ready") return loadingView(session, engine);
  if (state.failure !== null) return failureView(state.failure, actions.retry);
  if (state.flights.length === 0) return html`<p class="waiting">Loading the day’s flights and news…</p>`;
  if (state.now_min === null)
    return html`<p class="waiting">Starting Python, and filling the windows with the news of the day before…</p>`;
  if (state.heading_min !== null) return html`<p class="waiting">On the way to ${newYorkTime(state.heading_min)}…</p>`;
  return newsView(state, state.now_min);
}

/**
 * @param {LiveState} state
 * @param {number} now_min
 */
function newsView({ feed, opens_min, day, intake }, now_min) {
  const lately = newsBetween(feed, Math.max(opens_min - 1, now_min - RECENT_MIN), now_min);
  const recent = lately.filter(isReadable).slice(-NEWS_SHOWN).reverse();
  return html`
    <div class="tidings">
      ${recent.length === 0 ? html`<p class="waiting">${dayText(day)} begins. No news yet.</p>` : newsList(recent)}
      <p class="hint" data-testid="intake" data-accepted=${intake.accepted}>${intakeText(intake)}</p>
    </div>
  `;
}

/** @param {import("../../live/feed.js").News[]} recent */
function newsList(recent) {
  return html`
    <ul class="news" aria-label="Latest news" data-testid="news">
      ${recent.map((news) => html`<li><time>${newYorkTime(knownAt(news))}</time> ${newsText(news)}</li>`)}
    </ul>
  `;
}
