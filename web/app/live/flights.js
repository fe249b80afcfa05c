// The flights of a replayed day: when each was due, left and landed, and what of that is known at a time. No DOM.

import { wireTime } from "./clock.js";
import { isReadable, knownAt } from "./feed.js";

/** @typedef {import("../fields.js").WireRecord} WireRecord */
/** @typedef {import("../flights.js").DaySample} DaySample */
/** @typedef {import("./feed.js").News} News */
/** @typedef {{ at_min: number, delay_min: number }} Happened when it became known, and how late that was */
/** @typedef {"scheduled" | "late" | "air" | "landed" | "cancelled" | "diverted"} Status */

/**
 * @typedef {object} LiveFlight
 * @property {string} id as its events carry it
 * @property {string} number
 * @property {string} tail "" if unknown
 * @property {WireRecord} record what the schedule says
 * @property {number} departs_min
 * @property {number} arrives_min
 * @property {Happened | null} left null if it never did
 * @property {Happened | null} landed null if it never did where it was bound
 */

/** How long before its scheduled departure a flight appears on the board. */
export const BOARD_MIN = 120;

/**
 * A day's flights, by scheduled departure, joined with what the feed tells of them.
 *
 * @param {DaySample} sample
 * @param {readonly News[]} feed
 * @returns {LiveFlight[]}
 */
export function liveFlights(sample, feed) {
  const [left, landed] = [happenings(feed, "departures"), happenings(feed, "arrivals")];
  const flights = sample.flight.map((number, row) => {
    const record = scheduleAt(sample, row);
    const id = `${sample.day}${number}${record.origin}`;
    return {
      id,
      number,
      tail: String(record.tail ?? ""),
      record,
      departs_min: Number(sample.scheduled_departure_min[row]),
      arrives_min: Number(sample.scheduled_arrival_min[row]),
      left: left.get(id) ?? null,
      landed: landed.get(id) ?? null,
    };
  });
  return flights.sort((one, other) => one.departs_min - other.departs_min || one.number.localeCompare(other.number));
}

/**
 * @param {readonly News[]} feed
 * @param {import("./feed.js").NewsType} wanted
 * @returns {Map<string, Happened>} by flight
 */
function happenings(feed, wanted) {
  const news = feed.filter((one) => one[0] === wanted && isReadable(one));
  return new Map(news.map((one) => [String(one[1].id), { at_min: knownAt(one), delay_min: Number(one[1].delay_min) }]));
}

/**
 * The record as the schedule has it: nothing has happened yet.
 *
 * @param {DaySample} sample
 * @param {number} row
 * @returns {WireRecord}
 */
function scheduleAt({ record_fields, columns }, row) {
  const record = Object.fromEntries(record_fields.map((name) => [name, columns[name]?.[row] ?? null]));
  return { ...record, tail: columns.tail?.[row] ?? null, departure_delay_min: null };
}

/**
 * What is known of a flight at a time, as the model is asked.
 *
 * @param {LiveFlight} flight
 * @param {number} at_min
 * @returns {WireRecord}
 */
export function recordAt({ record, left }, at_min) {
  const departure_delay_min = left !== null && left.at_min <= at_min ? left.delay_min : null;
  return { ...record, departure_delay_min, asked_at: wireTime(at_min) };
}

/**
 * Where a flight stands. The data do not say when one was cancelled or diverted: that shows from the minute on at which
 * it should have left or landed.
 *
 * @param {LiveFlight} flight
 * @param {number} at_min
 * @returns {Status}
 */
export function statusAt({ departs_min, arrives_min, left, landed }, at_min) {
  if (left === null) return at_min < departs_min ? "scheduled" : "cancelled";
  if (left.at_min > at_min) return at_min <= departs_min ? "scheduled" : "late";
  if (landed === null) return at_min < arrives_min ? "air" : "diverted";
  return landed.at_min <= at_min ? "landed" : "air";
}

/**
 * Whether there is still something to predict.
 *
 * @param {LiveFlight} flight
 * @param {number} at_min
 */
export function isOpen(flight, at_min) {
  return ["scheduled", "late", "air"].includes(statusAt(flight, at_min));
}

/**
 * Whether a flight's prediction is kept fresh: it is due soon or under way.
 *
 * @param {LiveFlight} flight
 * @param {number} at_min
 */
export function isActive(flight, at_min) {
  return flight.departs_min - BOARD_MIN <= at_min && isOpen(flight, at_min);
}
