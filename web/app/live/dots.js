// Each flight of a day as one dot: the truth once it has landed, else the newest forecast of it. No DOM.

import { newest } from "./courses.js";
import { statusAt } from "./flights.js";

/** @typedef {import("./flights.js").LiveFlight} LiveFlight */

/**
 * @typedef {object} Dot
 * @property {string} id
 * @property {"batch" | "online" | "actual"} kind
 * @property {number} departs_min
 * @property {number} delay_min
 * @property {number | null} said_min what the online forecast that counts had said of a flight that landed; null if nothing
 */

/** @typedef {Pick<import("../live-state.js").LiveState, "flights" | "courses" | "batch" | "moment">} Known */

/**
 * The dots of a day; what was cancelled or diverted has none.
 *
 * @param {Known} known
 * @param {number} now_min
 * @returns {Dot[]}
 */
export function dayDots(known, now_min) {
  return known.flights.map((flight) => dotOf(flight, known, now_min)).filter((dot) => dot !== null);
}

/**
 * @param {LiveFlight} flight
 * @param {Known} known
 * @param {number} now_min
 * @returns {Dot | null}
 */
function dotOf(flight, { courses, batch, moment }, now_min) {
  const { id, departs_min, landed } = flight;
  const status = statusAt(flight, now_min);
  if (status === "cancelled" || status === "diverted") return null;
  const dot = { id, departs_min, said_min: null };
  if (status === "landed" && landed !== null) {
    return { ...dot, kind: "actual", delay_min: landed.delay_min, said_min: courses.get(id)?.moments[moment] ?? null };
  }
  const online = newest(courses, id);
  if (online !== null) return { ...dot, kind: "online", delay_min: online.delay_min };
  const made = batch.get(id);
  return made === undefined ? null : { ...dot, kind: "batch", delay_min: made.delay_min };
}

/** How far from a dot, in pixels, one still means it. */
const REACH = 14;

/**
 * The dot that somebody means who points near it; null if none is near.
 *
 * @param {readonly Dot[]} dots
 * @param {(dot: Dot) => number} distance in pixels
 */
export function dotMeant(dots, distance) {
  const near = dots.filter((dot) => distance(dot) <= REACH);
  return near.sort((one, other) => distance(one) - distance(other))[0] ?? null;
}
