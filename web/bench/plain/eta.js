/**
 * The eta pipeline's features, ported to JavaScript by hand from `models/eta/pipeline.py`.
 *
 * This is what a site does without Foreshore, and it is here to be measured against. It writes into memory that its
 * caller keeps, a record at a time, and leaves out the checks of the Python validator but for unknown codes.
 */

import { CARRIERS, DESTINATIONS, ORIGINS } from "./airports.js";

/**
 * @typedef {object} FlightRecord
 * @property {string} date
 * @property {string} carrier
 * @property {string} origin
 * @property {string} destination
 * @property {string} scheduled_departure
 * @property {string} scheduled_arrival
 * @property {number | null} [departure_delay_min]
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
const RAMPS_AT = SLACK_AT + 1;
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
 * @param {number} at Where the row starts.
 * @param {number | null | undefined} delay
 */
function writeDelay(row, at, delay) {
  const minutes = delay ?? 0;
  for (let i = 0; i < RAMPS_MIN.length; i++) {
    const [low, high] = RAMPS_MIN[i];
    row[at + RAMPS_AT + i] = Math.min(1, Math.max(0, (minutes - low) / (high - low)));
  }
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
  const shift = (days >= SUMMER_STARTS && days < SUMMER_ENDS ? summerShifts : winterShifts)[destination];
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
  rows[at + SLACK_AT] = Math.max(-SLACK_LIMIT_MIN, Math.min(SLACK_LIMIT_MIN, slack)) / 30;
  writeDelay(rows, at, record.departure_delay_min);
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
