// What the Arrivals page knows, and what follows from it. No DOM.

import { toldOf } from "./day-news.js";
import { categoryName, recordOf } from "./fields.js";
import { ANY_FLIGHT, departed, hourBefore, matching, recordAtMoment, valuesAmong } from "./flights.js";
import { EMPTY_FORM } from "./form-state.js";

/** @typedef {import("../generated/vocabulary.js").Contract} Contract */
/** @typedef {import("./fields.js").WireRecord} WireRecord */
/** @typedef {import("./flights.js").Flight} Flight */
/** @typedef {import("./flights.js").FlightFilter} FlightFilter */
/** @typedef {import("./flights.js").Moment} Moment */
/** @typedef {import("./day-news.js").DayNews} DayNews */
/** @typedef {import("./foreshore.js").Answer} Answer */

/**
 * @typedef {object} Reply
 * @property {Answer} answer
 * @property {WireRecord | null} context what was known of the day; null where it was asked without
 *
 * @typedef {object} Question what the visitor asks: a real flight at a moment, or a record of their own
 * @property {Flight | null} flight
 * @property {Moment} moment
 * @property {WireRecord} record
 */

/**
 * @typedef {object} ArrivalsState
 * @property {"flight" | "form"} mode
 * @property {string[]} days
 * @property {string} day
 * @property {Flight[]} flights of that day
 * @property {unknown} samplesFailure null if there is none
 * @property {FlightFilter} filter
 * @property {number} shown
 * @property {Flight | null} selected
 * @property {Moment} moment
 * @property {import("./form-state.js").FormState} form
 * @property {ReadonlyMap<string, string>} problems by field
 * @property {({ question: Question } & Reply) | null} answered
 * @property {unknown} failure of the last prediction, null if there is none
 * @property {ReadonlyMap<string, number>} board predicted minutes by flight id, of schedule and history alone
 * @property {DayNews | null} news what the day's events tell, null while that is not known
 * @property {unknown} newsFailure why it won't be, null if it may
 */

export const PAGE_SIZE = 60;

/** @returns {ArrivalsState} */
export function initialState() {
  return {
    mode: "flight",
    days: [],
    day: "",
    flights: [],
    samplesFailure: null,
    filter: ANY_FLIGHT,
    shown: PAGE_SIZE,
    selected: null,
    moment: "before",
    form: EMPTY_FORM,
    problems: new Map(),
    answered: null,
    failure: null,
    board: new Map(),
    news: null,
    newsFailure: null,
  };
}

/**
 * The flights that the board lists.
 *
 * @param {ArrivalsState} state
 */
export function listed(state) {
  return matching(state.flights, state.filter);
}

/**
 * The moment that a question is about: a flight that never left has no "after".
 *
 * @param {ArrivalsState} state
 * @returns {Moment}
 */
export function effectiveMoment({ selected, moment }) {
  return selected !== null && !departed(selected) ? "before" : moment;
}

/**
 * The fields of a visitor's own flight: without keys to the day's news, which it is no part of, and without the time at
 * which to ask, which follows from the others.
 *
 * @param {Contract} contract
 */
export function formFields({ fields, clock }) {
  return fields.filter(({ name, dtype }) => dtype !== "text" && name !== clock);
}

/**
 * The minutes that the board shows for a flight: with the day's news once they are there.
 *
 * @param {ArrivalsState} state
 * @param {Flight} flight
 * @returns {number | undefined}
 */
export function boardMinutes({ board, news, moment }, flight) {
  const told = toldOf(news, flight, moment);
  return told === null ? board.get(flight.id) : Number(told.answer.arrival_delay_min);
}

/**
 * What to ask the model now; null while there is no flight to ask about.
 *
 * @param {ArrivalsState} state
 * @param {Contract} contract
 * @returns {Question | null}
 */
export function currentQuestion(state, contract) {
  if (state.mode === "form") {
    const record = recordOf(formFields(contract), state.form.values);
    return { flight: null, moment: "before", record: { ...record, asked_at: hourBefore(record) } };
  }
  if (state.selected === null) return null;
  const moment = effectiveMoment(state);
  return { flight: state.selected, moment, record: recordAtMoment(state.selected, moment) };
}

/**
 * The changes that follow when the flights or the filter changed: a selected flight that is no longer listed gives way
 * to the first that is.
 *
 * @param {ArrivalsState} state
 * @returns {Partial<ArrivalsState>}
 */
export function reselected(state) {
  const flights = listed(state);
  const kept = flights.find(({ id }) => id === state.selected?.id) ?? flights[0] ?? null;
  return { selected: kept, shown: PAGE_SIZE };
}

/**
 * What each filter offers: the values among the flights that the other filters let pass.
 *
 * @param {ArrivalsState} state
 * @param {Contract} contract
 */
export function filterChoices(state, contract) {
  const among = (/** @type {keyof FlightFilter} */ name) => {
    const field = contract.fields.find((one) => one.name === name);
    const flights = matching(state.flights, { ...state.filter, [name]: "" });
    return valuesAmong(flights, name).map((value) => ({ value, label: `${value} - ${categoryName(field, value)}` }));
  };
  return { origin: among("origin"), destination: among("destination"), carrier: among("carrier") };
}
