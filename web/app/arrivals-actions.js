// What the visitor can do on the Arrivals page, and what follows: days are loaded, predictions asked for. No DOM.

import { createDayAsker } from "./arrivals-day.js";
import { currentQuestion, formFields, initialState, listed, PAGE_SIZE, reselected } from "./arrivals-state.js";
import { createAsker } from "./asking.js";
import { toldOf } from "./day-news.js";
import { flightsOf } from "./flights.js";
import { entered, filled, settled } from "./form-state.js";

/** @typedef {import("../generated/vocabulary.js").Contract} Contract */
/** @typedef {import("./arrivals-state.js").ArrivalsState} ArrivalsState */
/** @typedef {import("./arrivals-state.js").Question} Question */
/** @typedef {import("./arrivals-state.js").Reply} Reply */
/** @typedef {import("./fields.js").WireRecord} WireRecord */
/** @typedef {import("./flights.js").Flight} Flight */
/** @typedef {import("./flights.js").FlightFilter} FlightFilter */
/** @typedef {import("./foreshore.js").Predictor} Predictor */
/** @typedef {ReturnType<typeof import("./samples.js").openSamples>} Samples */

/**
 * @param {object} parts
 * @param {Contract} parts.contract
 * @param {readonly string[]} parts.streaming names of the context that comes from the day's events
 * @param {Samples} parts.samples
 * @param {() => Predictor | null} parts.predictor null while there is none
 * @param {(state: ArrivalsState) => void} parts.onChange
 */
export function createArrivals({ contract, streaming, samples, predictor, onChange }) {
  let state = initialState();

  /** @param {Partial<ArrivalsState>} patch */
  const change = (patch) => {
    state = { ...state, ...patch };
    onChange(state);
  };

  /**
   * A record as asked without the day's news, whatever the windows have seen by now.
   *
   * @param {WireRecord} record
   */
  const withoutNews = (record) => ({ ...record, ...Object.fromEntries(streaming.map((name) => [name, null])) });

  /** @param {Predictor} source @param {Question} question @returns {Promise<Reply>} */
  const reply = async (source, { flight, moment, record }) => {
    const told = flight === null ? null : toldOf(state.news, flight, moment);
    return told ?? { answer: await source.predict(withoutNews(record)), context: null };
  };
  const asker = createAsker(predictor, reply, change);
  const ask = () => asker(currentQuestion(state, contract));

  const wholeDay = createDayAsker({ samples, predictor, withoutNews, state: () => state, change });

  /** Asks every flight again, knowing the day's news. */
  const readNews = async () => {
    await wholeDay.readNews();
    if (state.news !== null) await ask();
  };

  const askAll = async () => {
    const signal = wholeDay.restart();
    await ask();
    if (!signal.aborted) await wholeDay.fillBoard();
    if (!signal.aborted) await readNews();
  };

  /** @param {string} day */
  const openDay = async (day) => {
    wholeDay.restart();
    change({ day, samplesFailure: null });
    try {
      const flights = flightsOf(await samples.day(day));
      if (state.day !== day) return;
      change({ flights, board: new Map() });
      change(reselected(state));
      await askAll();
    } catch (samplesFailure) {
      if (state.day === day) change({ samplesFailure });
    }
  };

  /** Loads the list of days and opens the first, or the one that failed. */
  const openDays = async () => {
    change({ samplesFailure: null });
    try {
      const days = state.days.length === 0 ? await samples.days() : state.days;
      change({ days });
      await openDay(state.day || String(days[0]));
    } catch (samplesFailure) {
      change({ samplesFailure });
    }
  };

  return {
    state: () => state,
    askAll,
    readNews,
    openDay,
    openDays,
    /** @param {keyof FlightFilter} name @param {string} value */
    filterBy: (name, value) => {
      change({ filter: { ...state.filter, [name]: value } });
      change(reselected(state));
      return ask();
    },
    /** @param {Flight} selected */
    select: (selected) => {
      change({ selected });
      return ask();
    },
    showMore: () => change({ shown: Math.min(state.shown + PAGE_SIZE, listed(state).length) }),
    /** @param {ArrivalsState["moment"]} moment */
    chooseMoment: async (moment) => {
      change({ moment });
      await ask();
      if (state.news === null) await wholeDay.fillBoard();
    },
    /** @param {ArrivalsState["mode"]} mode */
    chooseMode: (mode) => {
      const start = mode === "form" ? currentQuestion(state, contract) : null;
      change({ mode, ...(start && { form: filled(formFields(contract), start.record) }) });
      return ask();
    },
    /** @param {string} name @param {import("./fields.js").FormValues[string]} value */
    input: (name, value) => change({ form: entered(state.form, name, value) }),
    /** @param {string} name */
    settle: (name) => {
      change({ form: settled(state.form, [name]) });
      return ask();
    },
    submit: () => {
      const names = formFields(contract).map((field) => field.name);
      change({ form: settled(state.form, names) });
      return ask();
    },
  };
}
