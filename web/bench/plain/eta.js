/**
 * The eta pipeline's features, ported to JavaScript by hand from `models/eta/pipeline.py`.
 *
 * This is what a site does without Foreshore, and it is here to be measured against. It writes into memory that its
 * caller keeps, a record at a time, and leaves out the checks of the Python validator but for unknown codes.
 */

import { CARRIERS, DESTINATIONS, ORIGINS } from "./airports.js";
import { NEWS_COUNT, writeNews } from "./news.js";

/**
 * @typedef {object} Flight
 * @property {string} date
 * @property {string} carrier
 * @property {string} origin
 * @property {string} destination
 * @property {string} scheduled_departure
 * @property {string} scheduled_arrival
 * @property {number | null} [departure_delay_min]
 * @property {string | null} [tail]
 * @property {string | null} [asked_at]
 *
 * @typedef {Flight & import("./news.js").News} FlightRecord
 */

const DAY_MIN = 1440;
const DAY_MS = 86_400_000;
const WEEKDAYS = 7;
const DEPARTURE_KNOTS = 12;
const ARRIVAL_KNOTS = 8;
const SUMMER_STARTS = Date.UTC(2013, 2, 10) / DAY_MS;
const SUMMER_ENDS = Date.UTC(2013, 10, 3) / DAY_MS;
const NEW_YORK_UTC_OFFSET_H = -5;
const SLACK_LIMIT_MIN = 45;
const AHEAD_LIMIT_MIN = 360;
const WAITED_MIN = [
  [0, 15],
  [15, 60],
  [60, 180],
];
const RAMPS_MIN = [
  [-20, 0],
  [0, 30],
  [30, 90],
  [90, 240],
];

const ORIGIN_AT = CARRIERS.length;
const WEEKDAY_AT = ORIGIN_AT + ORIGINS.length;
const DEPARTURE_AT = WEEKDAY_AT + WEEKDAYS;
const ARRIVAL_AT = DEPARTURE_AT + DEPARTURE_KNOTS;
const PLACE_AT = ARRIVAL_AT + ARRIVAL_KNOTS;
const SLACK_AT = PLACE_AT + 3;
const NEWS_AT = SLACK_AT + 1;
const ASKED_AT = NEWS_AT + NEWS_COUNT;
const WAITED_AT = ASKED_AT + 3;
const RAMPS_AT = WAITED_AT + WAITED_MIN.length;
const MISSING_AT = RAMPS_AT + RAMPS_MIN.length;
const DELAY_AT = MISSING_AT + 1;

/** Numbers a row. */
export const FEATURE_COUNT = DELAY_AT + 1;

const carrierCodes = codesOf(CARRIERS);
const originCodes = codesOf(ORIGINS);
const destinationCodes = codesOf(DESTINATIONS.map(([code]) => code));
const latitudes = Float32Array.from(DESTINATIONS, ([, latitude]) => (latitude - 37) / 20);
const longitudes = Float32Array.from(DESTINATIONS, ([, , longitude]) => (longitude + 90) / 40);
const winterShifts = Int32Array.from(DESTINATIONS, ([, , , offset]) => (offset - NEW_YORK_UTC_OFFSET_H) * 60);
const summerShifts = Int32Array.from(DESTINATIONS, ([, , , , saves], i) => winterShifts[i] - (saves ? 0 : 60));
/** A row of three an airport. */
const miles = DESTINATIONS.flatMap((airport) => airport.slice(5)).map(Number);
const distances = Float32Array.from(miles, (distance) => distance / 2500);
const usualDurations = Int32Array.from(miles, (distance) => 50 + Math.floor(distance / 8));

/**
 * @param {string[]} names
 * @returns {Map<string, number>}
 */
function codesOf(names) {
  return new Map(names.map((name, code) => [name, code]));
}

/**
 * @param {Map<string, number>} codes
 * @param {string} name
 * @returns {number}
 */
function codeOf(codes, name) {
  const code = codes.get(name);
  if (code === undefined) throw new RangeError(`got ${JSON.stringify(name)}, expected one of ${[...codes.keys()]}`);
  return code;
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {number} Of the two digits there; reading them in place halved the time of `Number(text.slice(...))`.
 */
function twoDigits(text, at) {
  return (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
}

/**
 * @param {string} date "2013-10-05".
 * @returns {number} Since 1970-01-01.
 */
function daysOf(date) {
  const year = twoDigits(date, 0) * 100 + twoDigits(date, 2);
  return Date.UTC(year, twoDigits(date, 5) - 1, twoDigits(date, 8)) / DAY_MS;
}

/**
 * @param {string} time "08:30".
 * @returns {number} Since midnight.
 */
function minutesOf(time) {
  return twoDigits(time, 0) * 60 + twoDigits(time, 3);
}

/**
 * @param {string} moment "2013-10-05T12:30Z".
 * @returns {number} Minutes since 1970-01-01 UTC.
 */
function momentOf(moment) {
  return daysOf(moment) * DAY_MIN + twoDigits(moment, 11) * 60 + twoDigits(moment, 14);
}

/**
 * @param {number} number
 * @param {number} low
 * @param {number} high
 */
function clamp(number, low, high) {
  return Math.min(high, Math.max(low, number));
}

/**
 * Triangles around the clock: a time lies between two knots, and only those two are not zero.
 *
 * @param {Float32Array} row
 * @param {number} at
 * @param {number} knots
 * @param {number} minutes
 */
function writeClock(row, at, knots, minutes) {
  const step = DAY_MIN / knots;
  const knot = Math.floor(minutes / step);
  const past = minutes - knot * step;
  row[at + knot] = (step - past) / step;
  row[at + ((knot + 1) % knots)] = past / step;
}

/**
 * @param {Float32Array} row
 * @param {number} at
 * @param {number[][]} bounds Between which each ramp rises from 0 to 1.
 * @param {number} minutes
 */
function writeRamps(row, at, bounds, minutes) {
  for (let i = 0; i < bounds.length; i++) {
    const [low, high] = bounds[i];
    row[at + i] = clamp((minutes - low) / (high - low), 0, 1);
  }
}

/**
 * When the flight is asked about, and how late it is: at least as late as it has been waited for.
 *
 * @param {FlightRecord} record
 * @param {number} scheduled Departure, in minutes since 1970-01-01 UTC.
 * @param {Float32Array} row
 * @param {number} at Where the row starts.
 */
function writeDelay({ departure_delay_min: delay, asked_at }, scheduled, row, at) {
  const early = delay == null && asked_at != null ? scheduled - momentOf(asked_at) : null;
  const ahead = clamp(early ?? 0, 0, AHEAD_LIMIT_MIN);
  const waited = clamp(-(early ?? 0), 0, DAY_MIN);
  const minutes = delay ?? waited;
  row[at + ASKED_AT] = early === null ? 1 : 0;
  row[at + ASKED_AT + 1] = ahead > 0 ? 1 : 0;
  row[at + ASKED_AT + 2] = ahead / (AHEAD_LIMIT_MIN / 2);
  writeRamps(row, at + WAITED_AT, WAITED_MIN, waited);
  writeRamps(row, at + RAMPS_AT, RAMPS_MIN, minutes);
  row[at + MISSING_AT] = delay == null ? 1 : 0;
  row[at + DELAY_AT] = minutes;
}

/**
 * @param {FlightRecord} record
 * @param {Float32Array} rows
 * @param {number} at Where the record's row starts; it holds zeros.
 */
function writeRow(record, rows, at) {
  const origin = codeOf(originCodes, record.origin);
  const destination = codeOf(destinationCodes, record.destination);
  const days = daysOf(record.date);
  const departure = minutesOf(record.scheduled_departure);
  const arrival = minutesOf(record.scheduled_arrival);
  const summer = days >= SUMMER_STARTS && days < SUMMER_ENDS;
  const shift = (summer ? summerShifts : winterShifts)[destination];
  rows[at + codeOf(carrierCodes, record.carrier)] = 1;
  rows[at + ORIGIN_AT + origin] = 1;
  rows[at + WEEKDAY_AT + ((days + 3) % WEEKDAYS)] = 1;
  writeClock(rows, at + DEPARTURE_AT, DEPARTURE_KNOTS, departure);
  writeClock(rows, at + ARRIVAL_AT, ARRIVAL_KNOTS, arrival);
  const route = destination * ORIGINS.length + origin;
  const slack = ((arrival - departure - shift + 2 * DAY_MIN) % DAY_MIN) - usualDurations[route];
  rows[at + PLACE_AT] = distances[route];
  rows[at + PLACE_AT + 1] = latitudes[destination];
  rows[at + PLACE_AT + 2] = longitudes[destination];
  rows[at + SLACK_AT] = clamp(slack, -SLACK_LIMIT_MIN, SLACK_LIMIT_MIN) / 30;
  writeNews(record, rows, at + NEWS_AT);
  writeDelay(record, days * DAY_MIN + departure - (NEW_YORK_UTC_OFFSET_H + (summer ? 1 : 0)) * 60, rows, at);
}

/**
 * @param {readonly FlightRecord[]} records
 * @param {Float32Array} features (N, FEATURE_COUNT) or longer; overwritten.
 * @throws {RangeError} For an airline or airport that the model does not know.
 */
export function writeFeatures(records, features) {
  features.fill(0, 0, records.length * FEATURE_COUNT);
  for (let row = 0; row < records.length; row++) writeRow(records[row], features, row * FEATURE_COUNT);
}

/**
 * @param {readonly FlightRecord[]} records
 * @returns {Int32Array} The code of each one's origin, by which its model is chosen.
 */
export function originsOf(records) {
  return Int32Array.from(records, ({ origin }) => codeOf(originCodes, origin));
}

/** @type {import("./pipelines.js").PlainPipeline<FlightRecord>} */
export const eta = {
  noun: "flight",
  plans: {
    quick: {
      ...{ starts: 2, warm_up_calls: 30, rounds: 6, samples_per_turn: { 1: 20, 32: 10, 1024: 4 } },
      windows: { days: 3, runs: 3, updates: 1000 },
    },
    full: {
      ...{ starts: 5, warm_up_calls: 100, rounds: 20, samples_per_turn: { 1: 40, 32: 20, 1024: 8 } },
      windows: { days: 7, runs: 10, updates: 5000 },
    },
  },
  // A page can then ask for ten and still draw at 60 Hz.
  target_ms: 1,
  prepare: (records) => {
    const data = new Float32Array(records.length * FEATURE_COUNT);
    writeFeatures(records, data);
    return { feeds: { features: { data, dims: [records.length, FEATURE_COUNT] } }, segments: originsOf(records) };
  },
  decode: ({ data }) => /** @type {Float32Array} */ (data),
};
