// The live board: where each flight stands, and what was and is predicted of it.

import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import { html, nothing } from "lit/html.js";
import { flightName } from "../../flights.js";
import { countText, dayText, delayText } from "../../format.js";
import { newYorkTime } from "../../live/clock.js";
import { newest } from "../../live/courses.js";
import { statusAt } from "../../live/flights.js";
import { signedText, statusText } from "../../live/words.js";
import { counts, listed, PAGE_SIZE } from "../../live-state.js";

/** @typedef {import("../../live/flights.js").LiveFlight} LiveFlight */
/** @typedef {import("../../live-state.js").LiveState} LiveState */
/** @typedef {import("../../live-state.js").Part} Part */
/** @typedef {import("./page.js").LiveModel} LiveModel */

/** @type {[Part, string][]} */
const PARTS = [
  ["now", "Now"],
  ["gate", "At gate"],
  ["air", "In air"],
  ["landed", "Landed"],
  ["cancelled", "Cancelled"],
];

/** @param {LiveModel} model */
export function liveBoardView({ actions, onFind }) {
  const state = actions.state();
  const flights = listed(state);
  return html`
    <h2 id="board-title">The board</h2>
    <form class="find" role="search" @submit=${onFind}>
      <label for="find">Find a flight</label>
      <div class="find-row">
        <input
          id="find"
          type="search"
          autocomplete="off"
          placeholder="DL 2003, or LAX"
          data-testid="find"
          .value=${live(state.query)}
          @input=${(/** @type {Event} */ event) => actions.search(/** @type {HTMLInputElement} */ (event.target).value)}
        />
        <button type="submit">Go to it</button>
      </div>
    </form>
    ${partsView(state, actions.choosePart)}
    ${flights.length === 0 ? html`<p class="waiting">${emptyText(state)}</p>` : listView(state, flights, actions)}
  `;
}

/** @param {LiveState} state */
function emptyText({ query, day, part }) {
  if (query.trim() !== "") return `No flight of ${dayText(day)} is like “${query}”.`;
  return part === "now" ? "No flight is on the board now." : "No flight is here now.";
}

/**
 * @param {LiveState} state
 * @param {(part: Part) => void} choosePart
 */
function partsView(state, choosePart) {
  const numbers = counts(state);
  return html`
    <fieldset data-testid="parts">
      <legend class="visually-hidden">Show</legend>
      <div class="switch parts">
        ${PARTS.map(
          ([part, title]) => html`<label class="part">
            <input type="radio" name="part" value=${part} .checked=${live(state.query === "" && state.part === part)} @change=${() => choosePart(part)} />
            <span>${title} <span class="aside">${numbers[part]}</span></span>
          </label>`,
        )}
      </div>
    </fieldset>
  `;
}

/**
 * @param {LiveState} state
 * @param {LiveFlight[]} flights
 * @param {LiveModel["actions"]} actions
 */
function listView(state, flights, { choose, showMore }) {
  const rest = flights.length - state.shown;
  return html`
    <div class="heads" aria-hidden="true">
      <span>Due</span><span>Flight</span><span class="figure">Last night</span><span class="figure">Online</span><span class="figure">Actual</span>
    </div>
    <fieldset class="flights live" data-testid="live-flights">
      <legend class="visually-hidden">${countText(flights.length, "flight")}, by scheduled departure; delays in minutes</legend>
      ${repeat(
        flights.slice(0, state.shown),
        ({ id }) => id,
        (flight) => rowView(flight, state, choose),
      )}
      ${rest > 0 ? html`<button type="button" class="more" @click=${showMore}>Show ${Math.min(rest, PAGE_SIZE)} more</button>` : nothing}
    </fieldset>
  `;
}

/**
 * @param {LiveFlight} flight
 * @param {LiveState} state
 * @param {(id: string) => void} onChoose
 */
function rowView(flight, state, onChoose) {
  const { record } = flight;
  const now_min = state.now_min ?? state.opens_min;
  const status = statusAt(flight, now_min);
  const online = newest(state.courses, flight.id)?.delay_min;
  const actual = status === "landed" ? flight.landed?.delay_min : undefined;
  return html`
    <label class="flight" data-status=${status} data-id=${flight.id}>
      <input type="radio" name="flight" value=${flight.id} .checked=${live(flight.id === state.chosen)} @change=${() => onChoose(flight.id)} />
      <span class="flight-time">${newYorkTime(flight.departs_min)}</span>
      <span class="flight-number">${flightName(flight)}</span>
      <span class="flight-route"
        ><abbr>${record.origin}</abbr><span class="arrow"><span class="visually-hidden">to</span></span
        ><abbr>${record.destination}</abbr></span
      >
      <span class="flight-status">${statusText(flight, now_min)}</span>
      ${figure("batch", "last night", state.batch.get(flight.id)?.delay_min)}
      ${figure("online", "online", online)}
      ${figure("actual", "actually", actual)}
    </label>
  `;
}

/**
 * @param {string} name
 * @param {string} said
 * @param {number | undefined} minutes
 */
function figure(name, said, minutes) {
  if (minutes === undefined) return html`<span class="figure ${name}"></span>`;
  return html`<span class="figure ${name}"
    ><span class="visually-hidden">, ${said} ${delayText(minutes)}</span><span aria-hidden="true">${signedText(minutes)}</span></span
  >`;
}
