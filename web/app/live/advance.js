// Moving a replay on: one call that feeds the windows and asks for predictions, in order of time. No DOM.

import { withIntake } from "../live-state.js";
import { asksBetween, plainAsk, recordOfAsk } from "./agenda.js";
import { newest, withAnswers } from "./courses.js";
import { newsBetween, newsUntil } from "./feed.js";
import { isOpen } from "./flights.js";
import { withCall } from "./pace.js";

/** @typedef {import("../live-state.js").LiveState} LiveState */
/** @typedef {import("../foreshore.js").Outputs} Outputs */
/** @typedef {import("../fields.js").WireRecord} WireRecord */
/** @typedef {import("./agenda.js").Ask} Ask */
/** @typedef {import("./feed.js").News} News */
/** @typedef {import("./flights.js").LiveFlight} LiveFlight */

/**
 * @typedef {object} Intake what became of the events of a call, counted by type
 * @property {Record<string, number>} accepted
 * @property {Record<string, Record<string, number>>} dropped by reason
 *
 * @typedef {object} Followed
 * @property {Outputs[]} answers one a record
 * @property {Record<string, number | null>[]} context what the windows held for it
 * @property {Intake} intake
 *
 * @typedef {object} Source what a replay needs of a predictor
 * @property {(events: News[], records: WireRecord[], options: { restart?: boolean, signal?: AbortSignal }) => Promise<Followed>} follow
 */

/**
 * The state once the day's clock shows a later minute; with `restart`, the stream begins anew from the day before.
 *
 * @param {Source} source
 * @param {LiveState} state
 * @param {LiveFlight | null} chosen
 * @param {number} to_min
 * @param {{ restart: boolean, timed: boolean, signal: AbortSignal }} options `timed`: whether the call counts for the pace; the
 *   first of a predictor starts Python
 * @returns {Promise<Partial<LiveState>>}
 */
export async function advanced(source, state, chosen, to_min, { restart, timed, signal }) {
  const after_min = restart || state.now_min === null ? state.opens_min - 1 : state.now_min;
  const events = restart ? newsUntil(state.feed, to_min) : newsBetween(state.feed, after_min, to_min);
  const asks = asksBetween(state.flights, after_min, to_min, chosen);
  const begun_ms = performance.now();
  const { answers, context, intake } = await source.follow(events, asks.map(recordOfAsk), { restart, signal });
  const took_ms = performance.now() - begun_ms;
  return {
    now_min: to_min,
    courses: withAnswers(restart ? new Map() : state.courses, asks, answers, context),
    intake: withIntake(restart ? { accepted: 0, dropped: {} } : state.intake, intake),
    pace: timed ? withCall(state.pace, { events: events.length, answers: answers.length, took_ms }) : state.pace,
  };
}

/**
 * The state once the chosen flight has a prediction of this very minute; null where it has one or needs none.
 *
 * @param {Source} source
 * @param {LiveState} state
 * @param {LiveFlight | null} chosen
 * @param {AbortSignal} signal
 * @returns {Promise<Partial<LiveState>> | null}
 */
export function lookedAt(source, { now_min, courses }, chosen, signal) {
  if (chosen === null || now_min === null || !isOpen(chosen, now_min)) return null;
  if (newest(courses, chosen.id)?.at_min === now_min) return null;
  return asked(source, courses, [plainAsk(chosen, now_min)], signal);
}

/**
 * @param {Source} source
 * @param {LiveState["courses"]} courses
 * @param {Ask[]} asks
 * @param {AbortSignal} signal
 */
async function asked(source, courses, asks, signal) {
  const { answers, context } = await source.follow([], asks.map(recordOfAsk), { signal });
  return { courses: withAnswers(courses, asks, answers, context) };
}
