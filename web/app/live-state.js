// What the Live page knows, and what follows from it. No DOM.

import { runningErrors } from "./live/errors.js";
import { BOARD_MIN, isActive, statusAt } from "./live/flights.js";
import { NO_PACE } from "./live/pace.js";

/** @typedef {import("./live/agenda.js").Moment} Moment */
/** @typedef {import("./live/errors.js").Stored} Stored */
/** @typedef {import("./live/flights.js").LiveFlight} LiveFlight */
/** @typedef {import("./live/flights.js").Status} Status */
/** @typedef {"now" | "gate" | "air" | "landed" | "cancelled"} Part of the board */
/** @typedef {import("./live/advance.js").Intake} Intake */

/**
 * @typedef {object} LiveState
 * @property {string[]} days
 * @property {string} day
 * @property {unknown} daysFailure why there is no list of days, or not this day's flights; null if there are
 * @property {readonly LiveFlight[]} flights of that day
 * @property {readonly import("./live/feed.js").News[]} feed of that day and the one before
 * @property {ReadonlyMap<string, Stored>} batch last night's forecasts by flight
 * @property {unknown} batchFailure null if there is none
 * @property {number} opens_min
 * @property {number} ends_min when the last flight has landed
 * @property {number | null} now_min null until the windows hold the day before
 * @property {boolean} playing
 * @property {number} speed minutes a second
 * @property {number | null} heading_min where a jump under way leads, null if there is none
 * @property {number | null} aim_min where the slider is held, null if it is not
 * @property {unknown} failure of the last call, null if there is none
 * @property {import("./live/courses.js").Courses} courses
 * @property {{ accepted: number, dropped: Record<string, number> }} intake the news that the windows took since the stream began, and
 *   those that they dropped, by reason
 * @property {import("./live/pace.js").Pace} pace
 * @property {Moment} moment which online forecast counts
 * @property {Part} part
 * @property {string} query what the board is searched for
 * @property {number} shown
 * @property {string} chosen id of a flight, "" if there is none
 * @property {string} said what a screen reader is told; only what the visitor brought about
 */

export const PAGE_SIZE = 60;
export const SPEEDS = [1, 5, 10, 30, 60];

/** How long a flight stays on the board once it has landed. */
const LINGERS_MIN = 30;

/** @type {Pick<LiveState, "now_min" | "playing" | "heading_min" | "aim_min" | "failure" | "courses" | "intake" | "shown">} */
export const UNPLAYED = {
  now_min: null,
  playing: false,
  heading_min: null,
  aim_min: null,
  failure: null,
  courses: new Map(),
  intake: { accepted: 0, dropped: {} },
  shown: PAGE_SIZE,
};

/** @returns {LiveState} */
export function initialState() {
  return {
    ...UNPLAYED,
    days: [],
    day: "",
    daysFailure: null,
    flights: [],
    feed: [],
    batch: new Map(),
    batchFailure: null,
    opens_min: 0,
    ends_min: 0,
    speed: 10,
    pace: NO_PACE,
    moment: "scheduled",
    part: "now",
    query: "",
    chosen: "",
    said: "",
  };
}

/** @type {Record<Exclude<Part, "now">, readonly Status[]>} */
const STATUSES = {
  gate: ["scheduled", "late"],
  air: ["air"],
  landed: ["landed", "diverted"],
  cancelled: ["cancelled"],
};

/**
 * Whether a flight stands in a part of the board.
 *
 * @param {LiveFlight} flight
 * @param {Part} part
 * @param {number} at_min
 */
function standsIn(flight, part, at_min) {
  if (part === "now") return isActive(flight, at_min) ? !leftLongAgo(flight, at_min) : hasJustLanded(flight, at_min);
  const due = flight.departs_min - BOARD_MIN <= at_min;
  return due && STATUSES[part].includes(statusAt(flight, at_min));
}

/**
 * @param {LiveFlight} flight
 * @param {number} at_min
 */
function leftLongAgo({ left }, at_min) {
  return left !== null && left.at_min < at_min - BOARD_MIN;
}

/**
 * @param {LiveFlight} flight
 * @param {number} at_min
 */
function hasJustLanded({ landed }, at_min) {
  return landed !== null && landed.at_min <= at_min && at_min < landed.at_min + LINGERS_MIN;
}

/**
 * The flights that the board lists; a search goes over the whole day.
 *
 * @param {LiveState} state
 */
export function listed({ flights, part, query, now_min, opens_min }) {
  if (query.trim() !== "") return found(flights, query);
  return flights.filter((flight) => standsIn(flight, part, now_min ?? opens_min));
}

/**
 * The flights whose number or route a search means: "DL 2003", "2003", "LAX".
 *
 * @param {readonly LiveFlight[]} flights
 * @param {string} query
 */
export function found(flights, query) {
  const wanted = query.replaceAll(/\s/g, "").toUpperCase();
  const exact = flights.filter(({ number }) => number === wanted);
  if (exact.length > 0) return exact;
  return flights.filter(({ number, record }) => `${number} ${record.origin} ${record.destination}`.includes(wanted));
}

/**
 * How many flights stand in each part of the board.
 *
 * @param {LiveState} state
 * @returns {Record<Part, number>}
 */
export function counts({ flights, now_min, opens_min }) {
  const among = (/** @type {Part} */ part) =>
    flights.filter((flight) => standsIn(flight, part, now_min ?? opens_min)).length;
  return {
    now: among("now"),
    gate: among("gate"),
    air: among("air"),
    landed: among("landed"),
    cancelled: among("cancelled"),
  };
}

/**
 * @param {LiveState} state
 * @param {string} id
 */
export function flightOf({ flights }, id) {
  return flights.find((flight) => flight.id === id) ?? null;
}

/** @param {LiveState} state */
export function errorsOf(state) {
  return state.now_min === null ? [] : runningErrors(state, state.moment, state.now_min);
}

/**
 * What became of the news, with that of one more call.
 *
 * @param {LiveState["intake"]} before
 * @param {Intake} more
 * @returns {LiveState["intake"]}
 */
export function withIntake({ accepted, dropped }, more) {
  const sums = { ...dropped };
  for (const [reason, count] of Object.values(more.dropped).flatMap(Object.entries)) {
    sums[reason] = (sums[reason] ?? 0) + count;
  }
  const count = Object.values(more.accepted).reduce((sum, part) => sum + part, accepted);
  return { accepted: count, dropped: sums };
}
