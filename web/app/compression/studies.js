// Case studies: published compressions, measured anew. Only what a study has is shown. No DOM.

import { numberText } from "../format.js";

/**
 * @typedef {{ threads: number, batch: number, median_ms: number }} StudyTime
 *
 * @typedef {object} StudyModel
 * @property {string} name
 * @property {number} [parameters]
 * @property {number} [multiply_adds]
 * @property {number} [size_bytes]
 * @property {Record<string, unknown>} [published]
 * @property {StudyTime[]} [times]
 *
 * @typedef {object} Study
 * @property {string} name
 * @property {string} title
 * @property {string} claim
 * @property {(string | { title?: string, url?: string })[]} [references]
 * @property {StudyModel[]} models
 * @property {string} lesson
 *
 * @typedef {{ format: number, studies: Study[], environment?: Record<string, unknown> }} Studies
 */

/**
 * The places where every study's models were timed, the fewest threads first.
 *
 * @param {Study} study
 */
export function placesOf({ models }) {
  const places = models.flatMap(({ times = [] }) => times.map(({ threads, batch }) => ({ threads, batch })));
  const keys = [...new Set(places.map(({ threads, batch }) => `${threads} ${batch}`))];
  return keys
    .map((key) => key.split(" ").map(Number))
    .map(([threads = 1, batch = 1]) => ({ threads, batch }))
    .sort((one, other) => one.threads - other.threads || one.batch - other.batch);
}

/**
 * @param {StudyModel} model
 * @param {{ threads: number, batch: number }} place
 */
export function timeAt({ times = [] }, { threads, batch }) {
  return times.find((time) => time.threads === threads && time.batch === batch)?.median_ms ?? null;
}

/**
 * A large count in millions or thousands: "1.24 M".
 *
 * @param {number | undefined} count
 */
export function countInWords(count) {
  if (count === undefined) return "–";
  if (count >= 1e9) return `${numberText(count / 1e9)} G`;
  if (count >= 1e6) return `${numberText(count / 1e6)} M`;
  return count >= 1e3 ? `${numberText(count / 1e3)} k` : numberText(count);
}

/**
 * What a paper says of a model: "top1 57.5, size mb 4.8".
 *
 * @param {Record<string, unknown> | undefined} published
 */
export function publishedText(published) {
  const told = Object.entries(published ?? {}).filter(([, value]) => typeof value !== "object");
  return told.map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`).join(", ");
}
