// The arrivals board: a day of real flights, narrowed down, each with its prediction as it comes in.

import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import { html, nothing } from "lit/html.js";
import { flightName } from "../flights.js";
import { countText, dayText, delayText, monthText } from "../format.js";
import { failureView } from "./loading.js";

/** @typedef {import("../flights.js").Flight} Flight */
/** @typedef {import("../flights.js").FlightFilter} FlightFilter */
/** @typedef {{ value: string, label: string }} Choice */

/**
 * @typedef {object} BoardModel
 * @property {readonly string[]} days
 * @property {string} day
 * @property {readonly Flight[]} flights those that match
 * @property {number} shown how many of them to list
 * @property {FlightFilter} filter
 * @property {Record<keyof FlightFilter, Choice[]>} choices
 * @property {string} selected id of a flight
 * @property {unknown} failure why the day's flights are not there, null if they are
 * @property {(flight: Flight) => number | undefined} minutes predicted
 * @property {string} newsText what the predictions know, "" while there are none
 * @property {(flight: Flight) => string} placeName of the destination
 * @property {(day: string) => void} onDay
 * @property {(name: keyof FlightFilter, value: string) => void} onFilter
 * @property {(flight: Flight) => void} onSelect
 * @property {() => void} onMore
 * @property {() => void} onRetry
 */

/** @type {[keyof FlightFilter, string, string][]} */
const FILTERS = [
  ["origin", "From", "Any airport"],
  ["destination", "To", "Anywhere"],
  ["carrier", "Airline", "Any airline"],
];

/** @param {BoardModel} model */
export function boardView(model) {
  return html`
    <div class="filters">
      ${dayView(model)}
      ${FILTERS.map(([name, title, any]) => filterView(name, title, any, model))}
    </div>
    ${model.failure === null ? flightsView(model) : failureView(model.failure, model.onRetry)}
  `;
}

/** @param {BoardModel} model */
function flightsView(model) {
  return html`
    <p class="count" role="status">
      <span data-testid="count">${countText(model.flights.length, "flight")}</span>${
        model.newsText === "" ? nothing : html`, <span data-testid="news">${model.newsText}</span>`
      }
    </p>
    ${model.flights.length === 0 ? nothing : listView(model)}
  `;
}

/**
 * The choice of a day, and the way to those beside it.
 *
 * @param {Pick<BoardModel, "days" | "day" | "onDay">} model
 */
export function dayView({ days, day, onDay }) {
  const position = days.indexOf(day);
  const step = (/** @type {number} */ by, /** @type {string} */ label, /** @type {string} */ sign) => {
    const other = days[position + by];
    return html`<button type="button" aria-label=${label} ?disabled=${other === undefined} @click=${() => onDay(String(other))}>${sign}</button>`;
  };
  return html`
    <div class="day">
      <label for="day">Day</label>
      <div class="day-row">
        ${step(-1, "Previous day", "‹")}
        <select id="day" data-testid="day" @change=${(/** @type {Event} */ event) => onDay(value(event))}>
          ${byMonth(days).map(
            ([month, members]) => html`<optgroup label=${month}>
              ${members.map((one) => html`<option value=${one} .selected=${live(one === day)}>${dayText(one)}</option>`)}
            </optgroup>`,
          )}
        </select>
        ${step(1, "Next day", "›")}
      </div>
    </div>
  `;
}

/**
 * @param {readonly string[]} days
 * @returns {[string, string[]][]}
 */
function byMonth(days) {
  /** @type {Map<string, string[]>} */
  const months = new Map();
  for (const day of days) months.set(monthText(day), [...(months.get(monthText(day)) ?? []), day]);
  return [...months];
}

/**
 * @param {keyof FlightFilter} name
 * @param {string} title
 * @param {string} any
 * @param {BoardModel} model
 */
function filterView(name, title, any, { filter, choices, onFilter }) {
  const options = [{ value: "", label: any }, ...choices[name]];
  return html`
    <div>
      <label for="filter-${name}">${title}</label>
      <select id="filter-${name}" @change=${(/** @type {Event} */ event) => onFilter(name, value(event))}>
        ${options.map(
          (option) =>
            html`<option value=${option.value} .selected=${live(option.value === filter[name])}>${option.label}</option>`,
        )}
      </select>
    </div>
  `;
}

/** @param {BoardModel} model */
function listView(model) {
  const rest = model.flights.length - model.shown;
  return html`
    <fieldset class="flights" data-testid="flights">
      <legend class="visually-hidden">Flights of ${dayText(model.day)}, by scheduled departure</legend>
      ${repeat(
        model.flights.slice(0, model.shown),
        (flight) => flight.id,
        (flight) => flightView(flight, model),
      )}
      ${rest > 0 ? html`<button type="button" class="more" @click=${model.onMore}>Show ${Math.min(rest, 60)} more</button>` : nothing}
    </fieldset>
  `;
}

/**
 * @param {Flight} flight
 * @param {BoardModel} model
 */
function flightView(flight, { selected, minutes, placeName, onSelect }) {
  const { record } = flight;
  const predicted = minutes(flight);
  return html`
    <label class="flight">
      <input
        type="radio"
        name="flight"
        value=${flight.id}
        .checked=${live(flight.id === selected)}
        @change=${() => onSelect(flight)}
      />
      <span class="flight-time">${record.scheduled_departure}</span>
      <span class="flight-number">${flightName(flight)}</span>
      <span class="flight-route"
        ><abbr>${record.origin}</abbr><span class="arrow"><span class="visually-hidden">to</span></span
        ><abbr>${record.destination}</abbr> <span class="place">${placeName(flight)}</span></span
      >
      <span class="flight-predicted">${predicted === undefined ? nothing : delayText(predicted)}</span>
    </label>
  `;
}

/** @param {Event} event */
function value(event) {
  return /** @type {HTMLSelectElement} */ (event.target).value;
}
