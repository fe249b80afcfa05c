// What a prediction knew of its day, in words. No DOM.

import { categoryName } from "./fields.js";
import { countText, delayText, numberText } from "./format.js";

/** @typedef {import("../generated/vocabulary.js").Contract} Contract */
/** @typedef {import("../generated/vocabulary.js").Field} Field */
/** @typedef {import("./fields.js").WireRecord} WireRecord */
/** @typedef {{ text: string, known: boolean }} Sentence */

/**
 * @typedef {object} Subject what a pair of windows tells of: how late, of how many flights
 * @property {string} delay name of the mean's context field
 * @property {string} count name of the count's
 * @property {string} flights such as "Departures from JFK"
 * @property {string} when such as "in the last hour"
 */

/**
 * The heart of what was known about a flight, a sentence each.
 *
 * @param {Contract} contract
 * @param {WireRecord} record
 * @param {WireRecord} context
 * @returns {Sentence[]}
 */
export function knownSentences(contract, record, context) {
  const ranSo = subjectsOf(contract, record).map((subject) => ran(subject, context));
  return [...ranSo, landed(context), usual(record, context)];
}

/**
 * @param {Contract} contract
 * @param {WireRecord} record
 * @returns {Subject[]}
 */
function subjectsOf({ fields }, record) {
  const carrier = fields.find(({ name }) => name === "carrier");
  return [
    {
      delay: "origin_departure_delay_60",
      count: "origin_departures_60",
      flights: `Departures from ${record.origin}`,
      when: "in the last hour",
    },
    {
      delay: "airline_departure_delay_here_120",
      count: "airline_departures_here_120",
      flights: `${categoryName(carrier, record.carrier)} departures from ${record.origin}`,
      when: "in the last two hours",
    },
    {
      delay: "destination_arrival_delay_180",
      count: "destination_arrivals_180",
      flights: `Arrivals at ${record.destination} from New York`,
      when: "in the last three hours",
    },
  ];
}

/**
 * @param {Subject} subject
 * @param {WireRecord} context
 * @returns {Sentence}
 */
function ran({ delay, count, flights, when }, context) {
  const [late, number] = [context[delay], context[count]];
  if (typeof number !== "number") return { text: `${flights} ${when}: unknown`, known: false };
  if (typeof late !== "number") return { text: `${flights} ${when}: none`, known: true };
  return { text: `${flights} ran ${delayText(late)} ${when} (${countText(number, "flight")})`, known: true };
}

/**
 * @param {WireRecord} context
 * @returns {Sentence}
 */
function landed({ aircraft_arrival_delay_last_720: late }) {
  if (typeof late !== "number") return { text: "How this aircraft last landed: unknown", known: false };
  return { text: `This aircraft last landed ${delayText(late)}`, known: true };
}

/**
 * @param {WireRecord} record
 * @param {WireRecord} context
 * @returns {Sentence}
 */
function usual({ origin, destination }, { route_arrival_delay_28d: late }) {
  const flights = `Flights from ${origin} to ${destination}`;
  if (typeof late !== "number") return { text: `${flights} in the last four weeks: unknown`, known: false };
  return { text: `${flights} arrived ${delayText(late)} on average in the last four weeks`, known: true };
}

/**
 * Everything that the model was told besides the record, by the contract's titles.
 *
 * @param {readonly Field[]} fields the contract's context
 * @param {WireRecord} context
 * @returns {{ title: string, value: string }[]}
 */
export function knownValues(fields, context) {
  return fields.map(({ name, title, unit }) => {
    const value = context[name] ?? null;
    return { title, value: value === null ? "unknown" : `${numberText(Number(value))} ${unit}`.trim() };
  });
}

/**
 * Whether anything at all was known.
 *
 * @param {WireRecord} context
 */
export function anythingKnown(context) {
  return Object.values(context).some((value) => value !== null);
}
