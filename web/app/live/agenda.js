// Which predictions a stretch of time asks for, and when exactly. No DOM.

import { isActive, isOpen, recordAt } from "./flights.js";

/** @typedef {import("./flights.js").LiveFlight} LiveFlight */
/** @typedef {"scheduled" | "hour_before" | "departure"} Moment at which a forecast is held to account */

/**
 * @typedef {object} Ask
 * @property {LiveFlight} flight
 * @property {number} at_min
 * @property {Moment[]} moments that this minute is for the flight
 */

/** How often the chosen flight is asked for on the way of a jump. */
const CHOSEN_EVERY_MIN = 5;

/**
 * When a flight's forecast is held to account.
 *
 * @param {LiveFlight} flight
 * @returns {[Moment, number][]}
 */
function momentsOf({ departs_min, left }) {
  /** @type {[Moment, number][]} */
  const planned = [
    ["hour_before", departs_min - 60],
    ["scheduled", departs_min],
  ];
  return left === null ? planned : [...planned, ["departure", left.at_min]];
}

/**
 * What to ask between two minutes: every flight at its moments, then the board as it stands at the end; in order of time.
 *
 * @param {readonly LiveFlight[]} flights
 * @param {number} after_min
 * @param {number} until_min
 * @param {LiveFlight | null} chosen asked for more often
 * @returns {Ask[]}
 */
export function asksBetween(flights, after_min, until_min, chosen) {
  const due = flights.flatMap((flight) => momentsBetween(flight, after_min, until_min));
  const way = chosen === null ? [] : wayOf(chosen, after_min, until_min);
  const board = flights.filter((flight) => isActive(flight, until_min)).map((flight) => plainAsk(flight, until_min));
  return inOrder([...due, ...way, ...board]);
}

/**
 * @param {LiveFlight} flight
 * @param {number} after_min
 * @param {number} until_min
 * @returns {Ask[]}
 */
function momentsBetween(flight, after_min, until_min) {
  const due = momentsOf(flight).filter(([, at_min]) => at_min > after_min && at_min <= until_min);
  return due.map(([moment, at_min]) => ({ flight, at_min, moments: [moment] }));
}

/**
 * The chosen flight's questions on the way; at the end it is asked for even if it is not on the board yet.
 *
 * @param {LiveFlight} flight
 * @param {number} after_min
 * @param {number} until_min
 */
function wayOf(flight, after_min, until_min) {
  const first = (Math.floor(after_min / CHOSEN_EVERY_MIN) + 1) * CHOSEN_EVERY_MIN;
  const count = Math.max(0, Math.ceil((until_min - first) / CHOSEN_EVERY_MIN));
  const times = Array.from({ length: count }, (_, step) => first + step * CHOSEN_EVERY_MIN);
  const asks = times.filter((at_min) => isActive(flight, at_min)).map((at_min) => plainAsk(flight, at_min));
  return isOpen(flight, until_min) ? [...asks, plainAsk(flight, until_min)] : asks;
}

/**
 * @param {LiveFlight} flight
 * @param {number} at_min
 * @returns {Ask}
 */
export function plainAsk(flight, at_min) {
  return { flight, at_min, moments: [] };
}

/**
 * Sorted by time, each flight once a minute.
 *
 * @param {readonly Ask[]} asks
 */
function inOrder(asks) {
  /** @type {Map<string, Ask>} */
  const kept = new Map();
  for (const ask of asks) {
    const key = `${ask.flight.id} ${ask.at_min}`;
    kept.set(key, { ...ask, moments: [...(kept.get(key)?.moments ?? []), ...ask.moments] });
  }
  return [...kept.values()].sort((one, other) => one.at_min - other.at_min);
}

/** @param {Ask} ask */
export function recordOfAsk({ flight, at_min }) {
  return recordAt(flight, at_min);
}
