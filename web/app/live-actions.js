// What the visitor can do on the Live page, and what follows: the stream is fed, predictions asked for. No DOM.

import { flightName } from "./flights.js";
import { countText, dayText } from "./format.js";
import { advanced, lookedAt } from "./live/advance.js";
import { batchOf } from "./live/batch.js";
import { dayBefore, newYorkTime, opening } from "./live/clock.js";
import { feedOf, isReadable, newsBetween, nextNews } from "./live/feed.js";
import { liveFlights } from "./live/flights.js";
import { createLane } from "./live/lane.js";
import { createPlayer } from "./live/player.js";
import { newsText } from "./live/words.js";
import { flightOf, found, initialState, listed, PAGE_SIZE, UNPLAYED } from "./live-state.js";

/** @typedef {import("./live-state.js").LiveState} LiveState */
/** @typedef {import("./live/advance.js").Source & import("./live/batch.js").Archive} Source */
/** @typedef {ReturnType<typeof import("./samples.js").openSamples>} Samples */

/** A jump longer than this shows where it leads while it computes. */
const JUMP_MIN = 60;

/**
 * @param {object} parts
 * @param {Samples} parts.samples
 * @param {() => Source | null} parts.predictor null while there is none
 * @param {(state: LiveState) => void} parts.onChange
 * @param {import("./live/player.js").Timer} [parts.timer]
 */
export function createLive({ samples, predictor, onChange, timer }) {
  let state = initialState();
  /** Ends what is under way once the day or the predictor is another. */
  let scope = new AbortController();
  let restart = true;
  let hidden = false;
  /** The day that was asked for last. */
  let opened = Symbol("none");

  /** @param {Partial<LiveState>} patch */
  const change = (patch) => {
    state = { ...state, ...patch };
    onChange(state);
  };
  const renew = () => {
    scope.abort();
    scope = new AbortController();
    restart = true;
  };
  const now = () => state.now_min ?? state.opens_min;
  const chosen = () => flightOf(state, state.chosen);

  /** @param {unknown} failure @param {AbortSignal} signal */
  const stopped = (failure, signal) => {
    if (signal.aborted) return;
    restart = true; // the windows may have taken part of the news
    pause();
    change({ failure });
  };

  /** @param {Source} source @param {number} to_min @param {AbortSignal} signal */
  const move = async (source, to_min, signal) => {
    const anew = restart || to_min < now();
    if (!anew && to_min === now()) return;
    if (anew || to_min - now() >= JUMP_MIN) change({ heading_min: to_min });
    const patch = await advanced(source, state, chosen(), to_min, { restart: anew, timed: !restart, signal });
    if (signal.aborted) return;
    restart = false;
    change({ ...patch, failure: null });
  };

  /** @param {Source} source @param {AbortSignal} signal */
  const look = async (source, signal) => {
    const patch = await lookedAt(source, state, chosen(), signal);
    if (patch !== null && !signal.aborted) change(patch);
  };

  const lane = createLane(async (/** @type {number} */ to_min) => {
    const [source, { signal }] = [predictor(), scope];
    if (source === null || state.flights.length === 0) return;
    try {
      await move(source, to_min, signal);
      if (!signal.aborted) await look(source, signal);
    } catch (failure) {
      stopped(failure, signal);
    }
    if (!signal.aborted) change({ heading_min: null });
  });

  const player = createPlayer((at_min) => {
    if (lane.busy()) return; // the next tick covers the time since
    if (now() >= state.ends_min) pause();
    else lane.ask(Math.min(at_min, state.ends_min));
  }, timer);

  const pause = () => {
    player.pause();
    if (state.playing) change({ playing: false });
  };
  /** Goes on from the minute that the clock shows; a hidden page stands still. */
  const resume = () => {
    if (state.playing && !hidden) player.play(now(), state.speed);
  };
  const play = () => {
    if (state.now_min === null) return;
    change({ playing: true });
    resume();
  };

  /** @param {number} to_min */
  const jump = async (to_min) => {
    player.pause();
    await lane.ask(Math.max(state.opens_min, Math.min(state.ends_min, Math.round(to_min))));
    resume();
  };

  const openBatch = async () => {
    const [source, { signal }] = [predictor(), scope];
    if (source === null || state.flights.length === 0) return;
    change({ batchFailure: null });
    try {
      const batch = await batchOf(source, state.day, state.flights);
      if (!signal.aborted) change({ batch });
    } catch (batchFailure) {
      if (!signal.aborted) change({ batchFailure });
    }
  };

  /** Begins the stream, where the day or the predictor is new. */
  const begin = async () => {
    await Promise.all([lane.ask(now()), openBatch()]);
  };

  /** @param {string} day */
  const openDay = async (day) => {
    player.pause();
    renew();
    const mine = Symbol(day);
    opened = mine;
    const opens_min = opening(day);
    const unknown = { flights: [], feed: [], batch: new Map(), chosen: "", query: "", daysFailure: null };
    change({ ...UNPLAYED, ...unknown, day, opens_min, ends_min: opens_min });
    try {
      const [sample, ...events] = await Promise.all([
        samples.day(day),
        samples.events(dayBefore(day)),
        samples.events(day),
      ]);
      if (opened !== mine) return;
      const feed = feedOf(events);
      const flights = liveFlights(sample, feed);
      const ends_min = Math.max(...flights.map(({ landed, departs_min }) => landed?.at_min ?? departs_min));
      change({ flights, feed, ends_min });
      await begin();
    } catch (daysFailure) {
      if (opened === mine) change({ daysFailure });
    }
  };

  /** Loads the list of days and opens the first, or the one that failed. */
  const openDays = async () => {
    change({ daysFailure: null });
    try {
      const days = state.days.length === 0 ? await samples.days() : state.days;
      change({ days });
      await openDay(state.day || String(days[0]));
    } catch (daysFailure) {
      change({ daysFailure });
    }
  };

  const step = async () => {
    const next = nextNews(state.feed, now());
    if (next === null || next > state.ends_min || state.now_min === null) return;
    pause();
    await jump(next);
    const [first, ...others] = newsBetween(state.feed, next - 1, next).filter(isReadable);
    const more = others.length === 0 ? "" : `, and ${others.length} more`;
    if (first) change({ said: `${newYorkTime(next)}: ${newsText(first)}${more}.` });
  };

  /** @param {number} to_min */
  const jumpTo = async (to_min) => {
    await jump(to_min);
    const said = `It is ${newYorkTime(now())}; ${countText(listed(state).length, "flight")} on the board.`;
    change({ aim_min: null, said });
  };

  /** @param {string} id */
  const choose = async (id) => {
    change({ chosen: id });
    if (!lane.busy()) await lane.ask(now());
  };

  /** Chooses the first flight that the search finds, and goes to its departure unless that has been. */
  const goToFound = async () => {
    if (state.query.trim() === "") return;
    const [flight] = found(state.flights, state.query);
    if (flight === undefined) return change({ said: `No flight of ${dayText(state.day)} is like ${state.query}.` });
    change({ chosen: flight.id });
    if (flight.departs_min > now()) await jump(flight.departs_min);
    else if (!lane.busy()) await lane.ask(now());
    change({ said: `${flightName(flight)} is chosen. It is ${newYorkTime(now())}.` });
  };

  return {
    state: () => state,
    openDay,
    openDays,
    openBatch,
    play,
    pause,
    step,
    jumpTo,
    choose,
    goToFound,
    /** The slider is held at a minute. @param {number} aim_min */
    aim: (aim_min) => change({ aim_min }),
    /** The slider is let go, maybe where it was, of which it tells nothing. */
    release: async () => {
      if (state.aim_min !== null) await jumpTo(state.aim_min);
    },
    toggle: () => (state.playing ? pause() : play()),
    /** Another predictor is there: its windows hold nothing yet. */
    adopt: async () => {
      player.pause();
      renew();
      await begin();
      resume();
    },
    retry: () => lane.ask(now()),
    /** @param {boolean} isHidden */
    hide: (isHidden) => {
      hidden = isHidden;
      player.pause();
      resume();
    },
    /** @param {number} speed */
    chooseSpeed: (speed) => {
      change({ speed });
      resume();
    },
    /** @param {LiveState["moment"]} moment */
    chooseMoment: (moment) => change({ moment }),
    /** @param {LiveState["part"]} part */
    choosePart: (part) => change({ part, query: "", shown: PAGE_SIZE }),
    /** @param {string} query */
    search: (query) => change({ query, shown: PAGE_SIZE }),
    showMore: () => change({ shown: Math.min(state.shown + PAGE_SIZE, listed(state).length) }),
  };
}
