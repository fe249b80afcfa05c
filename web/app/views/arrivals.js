// The Arrivals page as a whole: the prediction, and beside it the board or the form.

import { html, nothing } from "lit/html.js";
import {
  boardMinutes,
  currentQuestion,
  effectiveMoment,
  filterChoices,
  formFields,
  listed,
} from "../arrivals-state.js";
import { categoryName } from "../fields.js";
import { departed, flightName } from "../flights.js";
import { visibleProblems } from "../form-state.js";
import { countText, dayText, delayText, durationText } from "../format.js";
import { boardView } from "./board.js";
import { formView } from "./form.js";
import { knownView } from "./known.js";
import { failureView, loadingView } from "./loading.js";
import { ranView } from "./ran.js";
import { resultView } from "./result.js";

/** @typedef {import("../foreshore.js").Contract} Contract */
/** @typedef {import("../foreshore.js").Offer} Offer */
/** @typedef {import("../arrivals-state.js").ArrivalsState} ArrivalsState */
/** @typedef {import("../arrivals-state.js").Question} Question */
/** @typedef {import("../session.js").SessionState} SessionState */
/** @typedef {ReturnType<typeof import("../arrivals-actions.js").createArrivals>} Actions */

/** @typedef {import("../pipeline-page.js").Surroundings & { actions: Actions }} PageModel */

/** How the release calls what was measured with the day's news: an hour before departure, and after it. */
const WITH_NEWS = ["hour_before", "after_departure"];

/** @param {PageModel} model */
export function arrivalsView(model) {
  return html`
    <div class="arrivals">
      <section class="result" aria-labelledby="result-title">${resultPanel(model)}</section>
      <section class="picker" aria-labelledby="picker-title">${pickerPanel(model)}</section>
      ${ranView(model, ranOf(model.actions.state()))}
    </div>
    <p class="visually-hidden" role="status" data-testid="announcement">${announcement(model)}</p>
  `;
}

/**
 * What answered; with the news, the answer is one of a whole day's.
 *
 * @param {ArrivalsState} state
 * @returns {import("./ran.js").Ran}
 */
function ranOf({ answered, news }) {
  const answer = answered?.answer ?? null;
  if (news === null || !answered?.context) return { answer, reads: true };
  const took = `${durationText(news.took_ms)} for ${countText(news.answers, "answer")} and ${countText(news.events, "event")}`;
  return { answer, took, windows: true, reads: true };
}

/** @param {PageModel} model */
function resultPanel(model) {
  const { session, offer, engine } = model;
  const state = model.actions.state();
  const question = state.answered?.question ?? currentQuestion(state, offer.contract);
  const waiting = session.status !== "ready";
  return html`
    ${question === null ? html`<h2 id="result-title">Prediction</h2>` : questionView(question, offer.contract)}
    ${state.mode === "flight" ? momentView(model) : nothing}
    ${waiting ? loadingView(session, engine) : nothing}
    ${answerView(model)}
  `;
}

/**
 * @param {Question} question
 * @param {Contract} contract
 */
function questionView({ flight, record }, contract) {
  const name = (/** @type {string} */ field) =>
    categoryName(
      contract.fields.find((one) => one.name === field),
      record[field],
    );
  return html`
    <h2 id="result-title">
      ${flight === null ? "Your flight" : flightName(flight)}
      <span class="route">${record.origin} <span class="arrow"><span class="visually-hidden">to</span></span> ${record.destination}</span>
    </h2>
    <p class="flight-facts">
      ${name("carrier")} · ${name("destination")} · ${dateText(record.date)}, ${record.scheduled_departure}–${record.scheduled_arrival}
    </p>
  `;
}

/** @param {import("../fields.js").WireRecord[string] | undefined} date */
function dateText(date) {
  return typeof date === "string" ? dayText(date, "short") : "no date";
}

/** @param {PageModel} model */
function momentView({ actions }) {
  const state = actions.state();
  const left = state.selected === null || departed(state.selected);
  const moment = effectiveMoment(state);
  const choice = (/** @type {"before" | "after"} */ value, /** @type {string} */ label) => html`<label>
    <input
      type="radio"
      name="moment"
      value=${value}
      ?disabled=${value === "after" && !left}
      .checked=${moment === value}
      @change=${() => actions.chooseMoment(value)}
    />
    <span>${label}</span>
  </label>`;
  return html`
    <fieldset class="moment" data-testid="moment">
      <legend>What is known</legend>
      <div class="switch">${choice("before", "Before departure")}${choice("after", "After departure")}</div>
      <p class="hint">${momentHint(state, moment)}</p>
    </fieldset>
  `;
}

/**
 * @param {ArrivalsState} state
 * @param {"before" | "after"} moment
 */
function momentHint({ selected }, moment) {
  if (selected === null) return "";
  if (!departed(selected)) return "This flight never left, so there is only the time before departure.";
  if (moment === "before") return "The schedule, and the day until an hour before.";
  return `The schedule, the day until it left, and that it left ${delayText(Number(selected.record.departure_delay_min))}.`;
}

/** @param {PageModel} model */
function answerView(model) {
  const { offer } = model;
  const state = model.actions.state();
  if (state.failure !== null) return failureView(state.failure, () => model.actions.askAll());
  if (state.answered === null)
    return state.problems.size > 0 ? html`<p class="waiting">No prediction until every field is right.</p>` : nothing;
  const { question, answer } = state.answered;
  return html`
    ${resultView({
      answer,
      actual: question.flight?.actual ?? null,
      missing: question.flight === null ? "" : "It was cancelled or diverted, so there is no arrival to compare with.",
      scheduledArrival: String(question.record.scheduled_arrival),
      usualError: usualError(offer, state.answered),
    })}
    ${knownView(offer.contract, state, model.actions.readNews)}
  `;
}

/**
 * The variant's mean absolute error in minutes, measured on the test months for what was known; null if the release
 * does not say.
 *
 * @param {Offer} offer
 * @param {NonNullable<ArrivalsState["answered"]>} answered
 */
function usualError({ variants }, { question, answer, context }) {
  const left = question.record.departure_delay_min !== null;
  const situation = context === null ? `${left ? "after" : "before"}_departure_without_news` : WITH_NEWS[Number(left)];
  const quality = variants.find((variant) => variant.name === answer.variant)?.quality;
  return quality?.[`${situation}_mae_min`] ?? null;
}

/** @param {PageModel} model */
function pickerPanel(model) {
  const { actions } = model;
  const state = actions.state();
  const choice = (/** @type {"flight" | "form"} */ value, /** @type {string} */ label) => html`<label>
    <input type="radio" name="mode" value=${value} .checked=${state.mode === value} @change=${() => actions.chooseMode(value)} />
    <span>${label}</span>
  </label>`;
  return html`
    <h2 id="picker-title" class="visually-hidden">Choose what to predict</h2>
    <fieldset data-testid="mode">
      <legend class="visually-hidden">Source</legend>
      <div class="switch">${choice("flight", "Real flights")}${choice("form", "Your own")}</div>
    </fieldset>
    ${state.mode === "flight" ? flightsPanel(model) : formPanel(model)}
  `;
}

/** @param {PageModel} model */
function flightsPanel({ offer: { contract }, actions }) {
  const state = actions.state();
  if (state.days.length === 0) {
    if (state.samplesFailure !== null) return failureView(state.samplesFailure, actions.openDays);
    return html`<p class="waiting">Loading the flights…</p>`;
  }
  const destination = contract.fields.find((field) => field.name === "destination");
  return boardView({
    days: state.days,
    day: state.day,
    flights: listed(state),
    shown: state.shown,
    filter: state.filter,
    choices: filterChoices(state, contract),
    selected: state.selected?.id ?? "",
    failure: state.samplesFailure,
    newsText: newsText(state),
    minutes: (flight) => boardMinutes(state, flight),
    placeName: (flight) => categoryName(destination, flight.record.destination),
    onDay: actions.openDay,
    onFilter: actions.filterBy,
    onSelect: actions.select,
    onMore: actions.showMore,
    onRetry: actions.openDays,
  });
}

/**
 * What the board's predictions know.
 *
 * @param {ArrivalsState} state
 */
function newsText({ news, newsFailure, board }) {
  if (news !== null) return "with the day’s news";
  if (newsFailure !== null) return "without the day’s news";
  return board.size === 0 ? "" : "reading the day’s news…";
}

/** @param {PageModel} model */
function formPanel({ offer, actions, onSubmit }) {
  const state = actions.state();
  return formView({
    fields: formFields(offer.contract),
    values: state.form.values,
    problems: visibleProblems(state.form, state.problems),
    onInput: actions.input,
    onSettled: actions.settle,
    onSubmit,
    submitLabel: "Predict",
  });
}

/**
 * What a screen reader says when an answer comes.
 *
 * @param {PageModel} model
 */
function announcement({ actions, session }) {
  const state = actions.state();
  if (session.status === "loading" && session.predictor === null) return "Loading the model.";
  if (state.answered === null) return "";
  const { question, answer, context } = state.answered;
  const subject = question.flight === null ? "Your flight" : flightName(question.flight);
  const actual = question.flight?.actual ?? null;
  const outcome = actual === null ? "" : `, actually ${delayText(actual)}`;
  const news = context === null ? "" : ", with the day’s news";
  return `${subject}: predicted ${delayText(Number(answer.arrival_delay_min))}${news}${outcome}.`;
}
