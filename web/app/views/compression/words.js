// A variant in words.

import { rangeText, timeText } from "../../../bench/views/words.js";
import { changeText, words } from "../../compression/facts.js";
import { bytesText } from "../../format.js";
import { placeText } from "./controls.js";

/** @typedef {import("../../compression/facts.js").Facts} Facts */
/** @typedef {import("../../compression/facts.js").Timed} Timed */
/** @typedef {import("../../compression/points.js").Choice} Choice */
/** @typedef {import("../../compression/points.js").Point} Point */

/** @type {Record<Point["status"], string>} */
export const STATUSES = {
  released: "released",
  holds: "holds the budget, not released",
  refused: "loses more than the budget allows",
};

/** @param {Point} point */
export function qualityText({ base, change }) {
  if (base) return "what the others are compared with";
  const [value, low, high] = [change.value, change.low, change.high].map((each) => changeText(each, change.relative));
  return `${value} (${low} to ${high}) in ${words(change.exam)}`;
}

/** @param {Timed} timed */
export function spreadText({ time_ms }) {
  return `${timeText(time_ms.median)} (${rangeText(time_ms.lower_quartile, time_ms.upper_quartile)})`;
}

/** @param {Timed} timed */
export function fasterText({ ratio }) {
  const [median, low, high] = [ratio.median, ratio.upper_quartile, ratio.lower_quartile].map((each) =>
    (1 / each).toFixed(2),
  );
  return `${median}× (${low} to ${high})`;
}

/**
 * All that a dot tells, as one sentence.
 *
 * @param {Point} point
 * @param {Facts} facts
 * @param {Choice} choice
 */
export function pointSentence(point, { loss }, choice) {
  const parts = [
    `${point.name}, ${STATUSES[point.status]}`,
    bytesText(point.bytes),
    point.base ? "" : `${loss} ${qualityText(point)}`,
    point.recorded === null ? "" : `${timeText(point.recorded.time_ms.median)} for ${placeText(choice)}`,
    point.own === null ? "" : `${timeText(point.own.time_ms.median)} here`,
  ];
  return `${parts.filter((part) => part !== "").join("; ")}.`;
}
