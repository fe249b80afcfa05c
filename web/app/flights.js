// A day of real flights: reading it, listing it, narrowing it down. No DOM.

import { spanText } from "./format.js";
import { opening, wireTime } from "./live/clock.js";

/** @typedef {import("./fields.js").WireRecord} WireRecord */
/** @typedef {import("../generated/vocabulary.js").Wire} Wire */
/** @typedef {"before" | "after"} Moment a flight's scheduled departure, or when it left, which is then known */

/**
 * A day as the release carries it: one array a column.
 *
 * @typedef {object} DaySample
 * @property {string} day
 * @property {string[]} flight airline code and number
 * @property {number[]} scheduled_departure_min minutes since 1970-01-01 UTC, as are those of the arrival
 * @property {number[]} scheduled_arrival_min
 * @property {string[]} record_fields
 * @property {Record<string, Wire[]>} columns
 * @property {(number | null)[]} actual_arrival_delay_min null if cancelled or diverted
 */

/**
 * @typedef {object} Flight
 * @property {string} id
 * @property {string} number
 * @property {number} departs_min as scheduled, minutes since 1970-01-01 UTC
 * @property {WireRecord} record
 * @property {number | null} actual arrival delay in minutes; null if it never arrived as planned
 */

/** @typedef {{ origin: string, destination: string, carrier: string }} FlightFilter "" is any */

/**
 * How long before its scheduled departure a flight is asked about: none leaves so early, so that whether it has left tells
 * nothing.
 */
const AHEAD_MIN = 60;

/** @type {FlightFilter} */
export const ANY_FLIGHT = { origin: "", destination: "", carrier: "" };

/**
 * The flights of a day, by scheduled departure.
 *
 * @param {DaySample} sample
 * @returns {Flight[]}
 */
export function flightsOf(sample) {
  const flights = sample.flight.map((number, row) => ({
    id: `${sample.day}-${row}`,
    number,
    departs_min: Number(sample.scheduled_departure_min[row]),
    record: recordAt(sample, row),
    actual: sample.actual_arrival_delay_min[row] ?? null,
  }));
  const departure = (/** @type {Flight} */ flight) => String(flight.record.scheduled_departure);
  return flights.sort((a, b) => departure(a).localeCompare(departure(b)) || a.number.localeCompare(b.number));
}

/**
 * @param {DaySample} sample
 * @param {number} row
 * @returns {WireRecord}
 */
function recordAt(sample, row) {
  const value = (/** @type {string} */ name) => sample.columns[name]?.[row] ?? null;
  return Object.fromEntries(sample.record_fields.map((name) => [name, value(name)]));
}

/**
 * @param {readonly Flight[]} flights
 * @param {FlightFilter} filter
 */
export function matching(flights, filter) {
  const wanted = Object.entries(filter).filter(([, value]) => value !== "");
  return flights.filter(({ record }) => wanted.every(([name, value]) => record[name] === value));
}

/**
 * The values that a field takes among the flights, sorted: what a filter can offer.
 *
 * @param {readonly Flight[]} flights
 * @param {keyof FlightFilter} name
 * @returns {string[]}
 */
export function valuesAmong(flights, name) {
  return [...new Set(flights.map(({ record }) => String(record[name])))].sort();
}

/**
 * What a flight itself tells at a moment: before departure, that is an hour before it is due to leave, its own departure
 * delay is not known.
 *
 * @param {Flight} flight
 * @param {Moment} moment
 * @returns {WireRecord}
 */
export function recordAtMoment(flight, moment) {
  const departure_delay_min = moment === "after" ? (flight.record.departure_delay_min ?? null) : null;
  const after_min = departure_delay_min === null ? -AHEAD_MIN : Number(departure_delay_min);
  return { ...flight.record, departure_delay_min, asked_at: wireTime(flight.departs_min + after_min) };
}

/**
 * When a flight of the visitor's own is asked about: an hour before its scheduled departure, which records give in New
 * York's time.
 *
 * @param {WireRecord} record
 * @returns {string | null} null while it has no date and time
 */
export function hourBefore({ date, scheduled_departure }) {
  const clock_min = (/** @type {Wire | undefined} */ time) => Date.parse(`${date}T${time}Z`) / 60_000;
  const since_min = clock_min(scheduled_departure) - clock_min("04:00");
  return Number.isNaN(since_min) ? null : wireTime(opening(String(date)) + since_min - AHEAD_MIN);
}

/**
 * Whether the flight left, so that "after departure" means something.
 *
 * @param {Flight} flight
 */
export function departed(flight) {
  return typeof flight.record.departure_delay_min === "number";
}

/**
 * A flight's number as it stands on boards: "DL 1234".
 *
 * @param {Pick<Flight, "number" | "record">} flight
 */
export function flightName({ number, record }) {
  const carrier = String(record.carrier);
  return number.startsWith(carrier) ? `${carrier} ${number.slice(carrier.length)}` : number;
}

/**
 * How far a prediction was from what happened, in words.
 *
 * @param {number} predicted
 * @param {number} actual
 */
export function missText(predicted, actual) {
  const miss = Math.round(predicted) - Math.round(actual);
  if (miss === 0) return "just as predicted";
  return `${spanText(Math.abs(miss))} ${miss > 0 ? "earlier" : "later"} than predicted`;
}
