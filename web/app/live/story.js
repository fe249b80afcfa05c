// The story of one flight: what happened to it and its aircraft, and when its forecast turned. No DOM.

import { delayText } from "../format.js";
import { isReadable, knownAt } from "./feed.js";

/** @typedef {import("./feed.js").News} News */
/** @typedef {import("./flights.js").LiveFlight} LiveFlight */
/** @typedef {{ at_min: number, text: string }} Mark */

/** How far back an aircraft's earlier landing still concerns a flight. */
const AIRCRAFT_MIN = 720;

/**
 * What happened to a flight between two minutes, in order of time.
 *
 * @param {LiveFlight} flight
 * @param {readonly News[]} feed
 * @param {number} from_min
 * @param {number} until_min
 * @returns {Mark[]}
 */
export function marksOf(flight, feed, from_min, until_min) {
  const { departs_min, left, landed } = flight;
  const marks = [...aircraftMarks(flight, feed), { at_min: departs_min, text: "due to leave" }];
  if (left !== null) marks.push({ at_min: left.at_min, text: `left ${delayText(left.delay_min)}` });
  if (landed !== null) marks.push({ at_min: landed.at_min, text: `landed ${delayText(landed.delay_min)}` });
  const seen = marks.filter(({ at_min }) => at_min >= from_min && at_min <= until_min);
  return seen.sort((one, other) => one.at_min - other.at_min);
}

/**
 * @param {LiveFlight} flight
 * @param {readonly News[]} feed
 * @returns {Mark[]}
 */
function aircraftMarks({ id, tail, departs_min }, feed) {
  if (tail === "") return [];
  const earlier = feed.filter(
    (news) =>
      isReadable(news) &&
      news[0] === "arrivals" &&
      news[1].tail === tail &&
      news[1].id !== id &&
      knownAt(news) < departs_min,
  );
  const near = earlier.filter((news) => knownAt(news) > departs_min - AIRCRAFT_MIN);
  return near.map((news) => ({ at_min: knownAt(news), text: `its aircraft landed at ${news[1].destination}` }));
}

/**
 * When a forecast turned by a minute or more, and what happened: the chart as a list.
 *
 * @param {readonly { at_min: number, delay_min: number }[]} points
 * @param {readonly Mark[]} marks
 * @returns {Mark[]}
 */
export function turnsOf(points, marks) {
  const turns = points.filter(
    ({ delay_min }, place) => place === 0 || Math.round(delay_min) !== Math.round(Number(points[place - 1]?.delay_min)),
  );
  const told = turns.map(({ at_min, delay_min }) => ({ at_min, text: `predicted ${delayText(delay_min)}` }));
  return [...marks, ...told].sort((one, other) => one.at_min - other.at_min);
}
