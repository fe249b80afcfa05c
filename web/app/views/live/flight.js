// The chosen flight: where it stands, its three forecasts and their age, how they went, and the news behind them.

import { html, nothing } from "lit/html.js";
import { categoryName } from "../../fields.js";
import { flightName, missText } from "../../flights.js";
import { delayText, numberText } from "../../format.js";
import { anythingKnown, knownSentences, knownValues } from "../../known.js";
import { newYorkTime } from "../../live/clock.js";
import { newest } from "../../live/courses.js";
import { recordAt, statusAt } from "../../live/flights.js";
import { ageText, statusText } from "../../live/words.js";
import { flightOf } from "../../live-state.js";
import { historyView } from "./history.js";

/** @typedef {import("../../foreshore.js").Contract} Contract */
/** @typedef {import("../../live/flights.js").LiveFlight} LiveFlight */
/** @typedef {import("../../live-state.js").LiveState} LiveState */
/** @typedef {import("./page.js").LiveModel} LiveModel */

/** @param {LiveModel} model */
export function liveFlightView({ actions, offer }) {
  const state = actions.state();
  const flight = flightOf(state, state.chosen);
  if (flight === null) {
    return html`
      <h2 id="flight-title">A flight, closely</h2>
      <p class="waiting">Choose one on the board to see how its forecast went, and what news it came from.</p>
    `;
  }
  const now_min = state.now_min ?? state.opens_min;
  return html`
    ${headView(flight, now_min, offer.contract)}
    ${forecastsView(state, flight, now_min)}
    ${historyView(state, flight, now_min)}
    ${contextView(state, flight, offer.contract)}
    ${awaitedView(flight, now_min, actions)}
  `;
}

/**
 * @param {LiveFlight} flight
 * @param {number} now_min
 * @param {Contract} contract
 */
function headView(flight, now_min, { fields }) {
  const { record, tail } = flight;
  const name = (/** @type {string} */ wanted) =>
    categoryName(
      fields.find((field) => field.name === wanted),
      record[wanted],
    );
  const facts = [
    name("carrier"),
    name("destination"),
    `${record.scheduled_departure}–${record.scheduled_arrival}`,
    tail,
  ];
  return html`
    <h2 id="flight-title">
      ${flightName(flight)}
      <span class="route">${record.origin} <span class="arrow"><span class="visually-hidden">to</span></span> ${record.destination}</span>
    </h2>
    <p class="flight-facts">${facts.filter((fact) => fact !== "").join(" · ")}</p>
    <p class="standing" data-testid="standing">${statusText(flight, now_min)}${outcome(flight, now_min)}</p>
  `;
}

/**
 * @param {LiveFlight} flight
 * @param {number} now_min
 */
function outcome(flight, now_min) {
  if (statusAt(flight, now_min) !== "landed" || flight.landed === null) return nothing;
  return html` <strong class="truth"><span class="buoy-dot" aria-hidden="true"></span> ${delayText(flight.landed.delay_min)}</strong>`;
}

/**
 * @param {LiveState} state
 * @param {LiveFlight} flight
 * @param {number} now_min
 */
function forecastsView(state, flight, now_min) {
  const [online, batch] = [newest(state.courses, flight.id), state.batch.get(flight.id)];
  const truth = statusAt(flight, now_min) === "landed" ? (flight.landed?.delay_min ?? null) : null;
  const night = batch && `made last night at ${newYorkTime(batch.as_of_min)}, ${ageText(batch.as_of_min, now_min)}`;
  const fresh = online && `made at ${newYorkTime(online.at_min)}, ${ageText(online.at_min, now_min)}`;
  return html`
    <dl class="forecasts" data-testid="forecasts">
      ${forecastView("online", "Online", online?.delay_min, fresh ?? "none yet", truth)}
      ${forecastView("batch", "Last night", batch?.delay_min, night ?? "none was made", truth)}
      ${forecastView("schedule", "Schedule", 0, "as the airline published it", truth)}
    </dl>
  `;
}

/**
 * @param {string} name
 * @param {string} title
 * @param {number | undefined} minutes
 * @param {string} made
 * @param {number | null} truth
 */
function forecastView(name, title, minutes, made, truth) {
  const miss = truth === null || minutes === undefined ? nothing : html`, ${missText(minutes, truth)}`;
  return html`
    <div class="forecast ${name}" data-testid="forecast-${name}" data-value=${minutes ?? ""}>
      <dt>${title}</dt>
      <dd>
        <strong>${minutes === undefined ? "–" : delayText(minutes)}</strong> <span class="made">${made}${miss}</span>
      </dd>
    </div>
  `;
}

/**
 * What the windows held at its last prediction.
 *
 * @param {LiveState} state
 * @param {LiveFlight} flight
 * @param {Contract} contract
 */
function contextView({ courses }, flight, contract) {
  const [context, last] = [courses.get(flight.id)?.context, newest(courses, flight.id)];
  if (context === undefined || last === null || !anythingKnown(context)) return nothing;
  const sentences = knownSentences(contract, recordAt(flight, last.at_min), context);
  return html`
    <section class="known" aria-labelledby="known-title" data-testid="context">
      <h3 id="known-title">What the windows held for it at ${newYorkTime(last.at_min)}</h3>
      <ul>
        ${sentences.map(({ text, known }) => html`<li class=${known ? "told" : "untold"}>${text}</li>`)}
      </ul>
      <details>
        <summary>All ${numberText(contract.context.length)} values</summary>
        <dl class="facts">
          ${knownValues(contract.context, context).map(({ title, value }) => html`<div><dt>${title}</dt><dd>${value}</dd></div>`)}
        </dl>
      </details>
    </section>
  `;
}

/**
 * @param {LiveFlight} flight
 * @param {number} now_min
 * @param {LiveModel["actions"]} actions
 */
function awaitedView({ departs_min }, now_min, { jumpTo }) {
  if (departs_min <= now_min) return nothing;
  return html`<p><button type="button" @click=${() => jumpTo(departs_min)}>Go to its departure, ${newYorkTime(departs_min)}</button></p>`;
}
