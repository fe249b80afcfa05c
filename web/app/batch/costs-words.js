// The figures of the section on costs, as people read them. No DOM.

import { durationText, numberText, spanText } from "../format.js";

/**
 * Processor-hours with two digits that matter: "0.0012 h", "1.4 h", "230 h".
 *
 * @param {number} hours
 */
export function hoursText(hours) {
  if (hours !== 0 && hours < 0.001) return `${Number((hours * 3600).toPrecision(2))} s`;
  return `${twoDigits(hours)} h`;
}

/**
 * Processor time of one answer: "14 µs", "1.2 ms".
 *
 * @param {number} microseconds
 */
export function effortText(microseconds) {
  return microseconds < 1000 ? `${twoDigits(microseconds)} µs` : durationText(microseconds / 1000);
}

/**
 * A share in percent: "4.6%", "0.12%".
 *
 * @param {number} share 0 to 1
 */
export function shareText(share) {
  return `${twoDigits(100 * share)}%`;
}

/**
 * Answers a second, with their quartiles.
 *
 * @param {import("./costs.js").Spread} spread
 */
export function rateText({ median, low, high }) {
  const [middle, least, most] = [median, low, high].map((rate) => threeDigits(rate));
  return `${middle} (${least} to ${most})`;
}

/** @param {number} hours */
export function ageHoursText(hours) {
  return spanText(60 * hours);
}

/** @param {number} value */
function twoDigits(value) {
  const rounded = value >= 100 ? Math.round(value) : Number(value.toPrecision(2));
  return rounded.toLocaleString("en", { maximumSignificantDigits: value >= 100 ? 12 : 2 });
}

/** @param {number} value */
function threeDigits(value) {
  return numberText(Number(value.toPrecision(3)));
}
