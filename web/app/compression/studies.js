// Case studies: published compressions, measured anew. Only what a study has is shown. No DOM.

import { numberText } from "../format.js";

/**
 * @typedef {object} StudyTime
 * @property {number} threads
 * @property {number} batch
 * @property {number} median_ms
 * @property {string} [input] what is fed, where there are several sizes
 * @property {{ median: number }} [times_as_fast] as the study's first model
 *
 * @typedef {object} StudyModel
 * @property {string} name
 * @property {string} [title]
 * @property {number} [parameters]
 * @property {number} [multiply_adds]
 * @property {number} [size_bytes]
 * @property {Record<string, unknown>} [published]
 * @property {StudyTime[]} [times]
 *
 * @typedef {string | { text?: string, url?: string }} Reference
 *
 * @typedef {object} Study
 * @property {string} name
 * @property {string} title
 * @property {string} claim
 * @property {Reference[]} [references]
 * @property {StudyModel[]} models
 * @property {string} lesson
 *
 * @typedef {{ format: number, studies: Study[], published_labels?: Record<string, string> }} Studies
 *
 * @typedef {{ threads: number, batch: number, input: string }} Place
 */

/**
 * Where a study's models were timed on the fewest threads: smaller batches first, in the study's order of inputs.
 *
 * @param {Pick<Study, "models">} study
 * @returns {Place[]}
 */
export function placesOf({ models }) {
  const times = models.flatMap((model) => model.times ?? []);
  const fewest = Math.min(...times.map(({ threads }) => threads));
  const places = times
    .filter(({ threads }) => threads === fewest)
    .map(({ threads, batch, input = "" }) => ({ threads, batch, input }));
  const distinct = new Map(places.map((place) => [JSON.stringify(place), place]));
  return [...distinct.values()].sort((one, other) => one.batch - other.batch);
}

/**
 * @param {StudyModel} model
 * @param {Place} place
 * @returns {StudyTime | null}
 */
export function timeAt({ times = [] }, { threads, batch, input }) {
  return times.find((time) => time.threads === threads && time.batch === batch && (time.input ?? "") === input) ?? null;
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
 * What a paper says of a model: "parameters 60 M, ImageNet top-1 57.2%".
 *
 * @param {Record<string, unknown> | undefined} published
 * @param {Record<string, string>} [labels]
 */
export function publishedText(published, labels = {}) {
  const told = Object.entries(published ?? {}).filter(([, value]) => typeof value !== "object");
  return told
    .map(([name, value]) => `${labels[name] ?? name.replaceAll("_", " ")} ${figureText(name, value)}`)
    .join(", ");
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function figureText(name, value) {
  if (typeof value !== "number") return String(value);
  const unit = /_(?:percent|bytes|s)$/.exec(name)?.[0] ?? "";
  const units = /** @type {Record<string, string>} */ ({ _percent: "%", _bytes: "B", _s: " s" });
  const text = countInWords(value);
  return unit === "_bytes" && !/ [GMk]$/.test(text) ? `${text} B` : `${text}${units[unit] ?? ""}`;
}
