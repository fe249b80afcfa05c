// Asking about every flight of a day: at once by what is planned, then again by what the day's events tell. No DOM.

import { followDay } from "./day-news.js";
import { recordAtMoment } from "./flights.js";
import { dayBefore } from "./live/clock.js";
import { feedOf } from "./live/feed.js";

/** @typedef {import("./arrivals-state.js").ArrivalsState} ArrivalsState */
/** @typedef {import("./fields.js").WireRecord} WireRecord */
/** @typedef {import("./foreshore.js").Predictor} Predictor */

/** Flights predicted in one call; small enough that the board fills while one looks. */
const BATCH_SIZE = 128;

/**
 * @param {object} parts
 * @param {ReturnType<typeof import("./samples.js").openSamples>} parts.samples
 * @param {() => Predictor | null} parts.predictor null while there is none
 * @param {(record: WireRecord) => WireRecord} parts.withoutNews
 * @param {() => ArrivalsState} parts.state
 * @param {(patch: Partial<ArrivalsState>) => void} parts.change
 */
export function createDayAsker({ samples, predictor, withoutNews, state, change }) {
  let board = new AbortController();
  let following = new AbortController();

  /** Ends what is under way, and forgets what was told; the signal tells when that happens again. */
  const restart = () => {
    board.abort();
    following.abort();
    following = new AbortController();
    change({ board: new Map(), news: null, newsFailure: null });
    return following.signal;
  };

  /** @param {AbortSignal} signal */
  const fill = async (signal) => {
    const { flights, moment } = state();
    const rows = flights.map((flight) => withoutNews(recordAtMoment(flight, moment)));
    const batches = predictor()?.predictMany(rows, { signal, batchSize: BATCH_SIZE }) ?? [];
    for await (const { start, answers } of batches) {
      if (signal.aborted) return;
      const more = answers.map((answer, at) => [flights[start + at]?.id ?? "", Number(answer.arrival_delay_min)]);
      change({ board: new Map([...state().board, .../** @type {[string, number][]} */ (more)]) });
    }
  };

  /** @param {AbortSignal} signal */
  const follow = async (signal) => {
    const { day, flights } = state();
    const events = feedOf(await Promise.all([dayBefore(day), day].map(samples.events)));
    const source = predictor();
    if (source === null || signal.aborted) return;
    const news = await followDay(source, flights, events, signal);
    if (!signal.aborted) change({ news });
  };

  return {
    restart,

    /** Predicts every flight at the chosen moment, without the day's news. */
    fillBoard: async () => {
      board.abort();
      board = new AbortController();
      const { signal } = board;
      change({ board: new Map() });
      await fill(signal).catch((failure) => signal.aborted || change({ failure }));
    },

    /** Predicts every flight at both moments, with the day's news. */
    readNews: async () => {
      following.abort();
      following = new AbortController();
      const { signal } = following;
      change({ news: null, newsFailure: null });
      await follow(signal).catch((newsFailure) => signal.aborted || change({ newsFailure }));
    },
  };
}
