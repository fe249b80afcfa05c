// What a day's events tell about its flights: each asked at its moments, in one call, in order of time. No DOM.

import { departed, recordAtMoment } from "./flights.js";

/** @typedef {import("./fields.js").WireRecord} WireRecord */
/** @typedef {import("./flights.js").Flight} Flight */
/** @typedef {import("./flights.js").Moment} Moment */
/** @typedef {import("./foreshore.js").Answer} Answer */
/** @typedef {import("./foreshore.js").Predictor} Predictor */
/** @typedef {import("./live/feed.js").News} News */

/**
 * @typedef {object} Told
 * @property {Answer} answer `latency_ms` is that of the whole day
 * @property {WireRecord} context what was known, by the names of the contract's context
 *
 * @typedef {object} DayNews
 * @property {Record<Moment, ReadonlyMap<string, Told>>} told by flight id; nothing "after" for a flight that never left
 * @property {number} events that were read for it
 * @property {number} answers
 * @property {number} took_ms
 */

/**
 * The questions of a day, by the time at which they are asked.
 *
 * @param {readonly Flight[]} flights
 */
export function questionsOf(flights) {
  const asked = flights.flatMap((flight) => momentsOf(flight).map((moment) => question(flight, moment)));
  const time = (/** @type {WireRecord} */ { asked_at }) => Date.parse(String(asked_at));
  return asked.sort((one, other) => time(one.record) - time(other.record));
}

/**
 * @param {Flight} flight
 * @param {Moment} moment
 */
function question(flight, moment) {
  return { flight, moment, record: recordAtMoment(flight, moment) };
}

/** @param {Flight} flight @returns {Moment[]} */
function momentsOf(flight) {
  return departed(flight) ? ["before", "after"] : ["before"];
}

/**
 * Lets the events pass, and asks each flight of the day on the way.
 *
 * @param {Predictor} predictor
 * @param {readonly Flight[]} flights
 * @param {readonly News[]} events of the day and the one before, by the time at which they became known
 * @param {AbortSignal} signal
 * @returns {Promise<DayNews>}
 * @throws {import("./foreshore.js").ForeshoreError} as `Predictor.follow`
 */
export async function followDay(predictor, flights, events, signal) {
  const start_ms = performance.now();
  const questions = questionsOf(flights);
  const records = questions.map(({ record }) => record);
  const { answers, context, by } = await predictor.follow(events, records, { restart: true, signal });
  const took_ms = performance.now() - start_ms;
  const about = { ...by, latency_ms: took_ms };
  const told = { before: new Map(), after: new Map() };
  questions.forEach(({ flight, moment }, row) => {
    told[moment].set(flight.id, { answer: { ...answers[row], ...about }, context: context[row] ?? {} });
  });
  return { told, events: events.length, answers: answers.length, took_ms };
}

/**
 * What the news tell of a flight at a moment; null if they don't, or are not there yet.
 *
 * @param {DayNews | null} news
 * @param {Flight} flight
 * @param {Moment} moment
 * @returns {Told | null}
 */
export function toldOf(news, flight, moment) {
  return news?.told[departed(flight) ? moment : "before"].get(flight.id) ?? null;
}
