// What the visitor can do on the Arrivals page, and what follows: days are loaded, predictions asked for. No DOM.

import { currentQuestion, initialState, listed, PAGE_SIZE, reselected } from "./arrivals-state.js";
import { createAsker } from "./asking.js";
import { flightsOf, recordAtMoment } from "./flights.js";
import { entered, filled, settled } from "./form-state.js";

/** @typedef {import("../generated/vocabulary.js").Contract} Contract */
/** @typedef {import("./arrivals-state.js").ArrivalsState} ArrivalsState */
/** @typedef {import("./flights.js").Flight} Flight */
/** @typedef {import("./flights.js").FlightFilter} FlightFilter */
/** @typedef {import("./foreshore.js").Predictor} Predictor */
/** @typedef {ReturnType<typeof import("./samples.js").openSamples>} Samples */

/** Flights predicted in one call; small enough that the board fills while one looks. */
const BATCH_SIZE = 128;

/**
 * @param {object} parts
 * @param {Contract} parts.contract
 * @param {Samples} parts.samples
 * @param {() => Predictor | null} parts.predictor null while there is none
 * @param {(state: ArrivalsState) => void} parts.onChange
 */
export function createArrivals({ contract, samples, predictor, onChange }) {
  let state = initialState();
  let board = new AbortController();

  /** @param {Partial<ArrivalsState>} patch */
  const change = (patch) => {
    state = { ...state, ...patch };
    onChange(state);
  };

  const asker = createAsker(predictor, change);
  const ask = () => asker(currentQuestion(state, contract));

  /** Predicts every flight of the day for the board. */
  const fillBoard = async () => {
    board.abort();
    board = new AbortController();
    const { signal } = board;
    const source = predictor();
    if (source === null) return;
    const { flights, moment } = state;
    const rows = flights.map((flight) => recordAtMoment(flight, moment));
    change({ board: new Map() });
    try {
      for await (const { start, answers } of source.predictMany(rows, { signal, batchSize: BATCH_SIZE })) {
        if (signal.aborted) return;
        const more = answers.map((answer, at) => [flights[start + at]?.id ?? "", Number(answer.arrival_delay_min)]);
        change({ board: new Map([...state.board, .../** @type {[string, number][]} */ (more)]) });
      }
    } catch (failure) {
      if (!signal.aborted) change({ failure });
    }
  };

  const askAll = async () => {
    await ask();
    await fillBoard();
  };

  /** @param {string} day */
  const openDay = async (day) => {
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
    chooseMoment: (moment) => {
      change({ moment });
      return askAll();
    },
    /** @param {ArrivalsState["mode"]} mode */
    chooseMode: (mode) => {
      const start = mode === "form" ? currentQuestion(state, contract) : null;
      change({ mode, ...(start && { form: filled(contract.fields, start.record) }) });
      return ask();
    },
    /** @param {string} name @param {string | boolean} value */
    input: (name, value) => change({ form: entered(state.form, name, value) }),
    /** @param {string} name */
    settle: (name) => {
      change({ form: settled(state.form, [name]) });
      return ask();
    },
    submit: () => {
      const names = contract.fields.map((field) => field.name);
      change({ form: settled(state.form, names) });
      return ask();
    },
  };
}
