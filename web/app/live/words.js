// The replay in words: news, where a flight stands, how old a forecast is. No DOM.

import { flightName } from "../flights.js";
import { countText, delayText, numberText, spanText } from "../format.js";
import { statusAt } from "./flights.js";

/** @typedef {import("./feed.js").News} News */
/** @typedef {import("./flights.js").LiveFlight} LiveFlight */

const DAY_LENGTH = "2013-10-05".length;
const AIRPORT_LENGTH = 3;

/** @type {Record<import("./flights.js").Status, string>} */
export const STATUS_NAMES = {
  scheduled: "Scheduled",
  late: "Late at the gate",
  air: "In the air",
  landed: "Landed",
  cancelled: "Cancelled",
  diverted: "Diverted",
};

/** @type {Record<import("./errors.js").Forecaster, string>} */
export const FORECASTER_NAMES = { batch: "Last night", online: "Online", schedule: "Schedule" };

/** @type {Record<import("./agenda.js").Moment, string>} */
export const MOMENT_NAMES = {
  hour_before: "1 h before",
  scheduled: "When due",
  departure: "When it left",
};

/**
 * One piece of news: "DL 2003 left JFK for LAX 35 min late".
 *
 * @param {News} news
 */
export function newsText([type, record]) {
  const number = String(record.id).slice(DAY_LENGTH, -AIRPORT_LENGTH);
  const delay = delayText(Number(record.delay_min));
  const what = type === "departures" ? `left ${record.origin} for` : `from ${record.origin} landed at`;
  return `${flightName({ number, record })} ${what} ${record.destination} ${delay}`;
}

/**
 * Where a flight stands: "In the air, left 35 min late".
 *
 * @param {LiveFlight} flight
 * @param {number} at_min
 */
export function statusText(flight, at_min) {
  const status = statusAt(flight, at_min);
  if (status === "late") return `${STATUS_NAMES.late}, ${spanText(at_min - flight.departs_min)} so far`;
  if (status !== "air" || flight.left === null) return STATUS_NAMES[status];
  return `${STATUS_NAMES.air}, left ${delayText(flight.left.delay_min)}`;
}

/**
 * How long ago something was made: "2 min ago".
 *
 * @param {number} made_min
 * @param {number} now_min
 */
export function ageText(made_min, now_min) {
  const age = Math.round(now_min - made_min);
  return age <= 0 ? "just now" : `${spanText(age)} ago`;
}

/**
 * A delay where room is short: "+35", "−4", "0".
 *
 * @param {number} minutes
 */
export function signedText(minutes) {
  const whole = Math.round(minutes) + 0; // no minus before a zero
  return `${whole > 0 ? "+" : ""}${numberText(whole)}`;
}

/**
 * What became of the news: "1,834 events in the windows, none dropped".
 *
 * @param {{ accepted: number, dropped: Record<string, number> }} intake
 */
export function intakeText({ accepted, dropped }) {
  const parts = Object.entries(dropped).filter(([, count]) => count > 0);
  const told = parts.map(([reason, count]) => `${numberText(count)} ${reason.replaceAll("_", " ")}`).join(", ");
  const lost = parts.reduce((sum, [, count]) => sum + count, 0);
  return `${countText(accepted, "event")} in the windows, ${lost === 0 ? "none dropped" : `${numberText(lost)} dropped: ${told}`}`;
}
