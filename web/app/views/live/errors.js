// How far off the three forecasters have been: in figures, and as lines over the day.

import { html, nothing, svg } from "lit/html.js";
import { countText } from "../../format.js";
import { newYorkTime } from "../../live/clock.js";
import { errorsAt, FORECASTERS, present } from "../../live/errors.js";
import { hourTicks, keptApart, linePath, PATH_WIDTH, percent, shareOf, valueTicks } from "../../live/plot.js";
import { FORECASTER_NAMES, MOMENT_NAMES } from "../../live/words.js";
import { failureView } from "../loading.js";

/** @typedef {import("../../live/errors.js").ErrorPoint} ErrorPoint */
/** @typedef {import("../../live/errors.js").Forecaster} Forecaster */
/** @typedef {import("../../live/agenda.js").Moment} Moment */
/** @typedef {import("../../live-state.js").LiveState} LiveState */
/** @typedef {ReturnType<typeof import("../../live-actions.js").createLive>} Actions */

const HEIGHT = 230;
const LABEL_GAP = 18;
/** Means of fewer flights don't stretch the scale. */
const SETTLED_FLIGHTS = 10;
const LEAST_SCALE_MIN = 20;

/**
 * @param {LiveState} state
 * @param {readonly ErrorPoint[]} points
 * @param {Actions} actions
 */
export function errorsView(state, points, actions) {
  const last = points.at(-1) ?? null;
  return html`
    <h2 id="errors-title">How far off, so far</h2>
    ${state.batchFailure === null ? nothing : failureView(state.batchFailure, actions.openBatch)}
    <p class="verdict" data-testid="verdict">${verdict(last)}</p>
    <dl class="scores" data-testid="scores">
      ${FORECASTERS.map((name) => scoreView(name, last))}
    </dl>
    ${chartView(state, points)}
    ${momentView(state.moment, actions)}
    ${points.length === 0 ? nothing : tableView(points)}
  `;
}

/** @param {ErrorPoint | null} last */
function verdict(last) {
  if (last === null) return "No flight has landed yet. Each one that does is held against all three forecasts of it.";
  const gain = last.batch - last.online;
  if (Number.isNaN(gain))
    return `Over ${countText(last.flights, "landed flight")}; last night’s forecasts are not there.`;
  const text =
    Math.abs(gain) < 0.05
      ? "as far off as"
      : `${Math.abs(gain).toFixed(1)} min ${gain > 0 ? "closer than" : "further off than"}`;
  return `Over ${countText(last.flights, "landed flight")}, the online forecast was on average ${text} last night’s.`;
}

/**
 * @param {Forecaster} name
 * @param {ErrorPoint | null} last
 */
function scoreView(name, last) {
  const error = last?.[name] ?? Number.NaN;
  return html`
    <div class="score ${name}" data-testid="score-${name}" data-value=${error}>
      <dt>${swatch(name)} ${FORECASTER_NAMES[name]}</dt>
      <dd>${Number.isNaN(error) ? "–" : html`${error.toFixed(1)} <span class="unit">min</span>`}</dd>
    </div>
  `;
}

/** A line as the chart draws it. @param {Forecaster} name */
function swatch(name) {
  return html`<svg class="swatch" width="28" height="10" aria-hidden="true"><line class="line ${name}" x1="1" x2="27" y1="5" y2="5" /></svg>`;
}

/**
 * @param {LiveState} state
 * @param {readonly ErrorPoint[]} points
 */
function chartView(state, points) {
  const day = { low: state.opens_min, high: Math.max(state.ends_min, state.opens_min + 1) };
  const settled = points.filter(({ flights }) => flights >= SETTLED_FLIGHTS);
  const most = Math.max(LEAST_SCALE_MIN, ...settled.flatMap((point) => present(point).map((name) => point[name])));
  const ticks = valueTicks(most);
  const top = Number(ticks.at(-1));
  const names = present(points.at(-1) ?? null);
  const down = (/** @type {number} */ value) => HEIGHT - (HEIGHT * value) / top;
  const now = shareOf(day, state.now_min ?? state.opens_min);
  return html`
    <figure class="plot errors-plot">
      <svg class="canvas" role="img" aria-label=${summary(points)} width="100%" height=${HEIGHT + 24}>
        ${ticks.map((tick) => svg`<line class="grid" x1="0" x2="100%" y1=${down(tick)} y2=${down(tick)} />`)}
        ${hourTicks(day).map((at_min, place) => hourTick(percent(shareOf(day, at_min)), at_min, place))}
        <svg x="0" y="0" width="100%" height=${HEIGHT} viewBox="0 0 ${PATH_WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
          ${names.toReversed().map((name) => svg`<path class="line ${name}" d=${lineOf(points, name, day, down, now)} />`)}
        </svg>
        ${ticks.map((tick) => valueTick(tick, down(tick)))}
        <line class="cursor" x1=${percent(now)} x2=${percent(now)} y1="0" y2=${HEIGHT} />
        ${points.length === 0 ? nothing : labelsView(points, percent(now), down)}
      </svg>
    </figure>
  `;
}

/**
 * @param {number} value
 * @param {number} y
 */
function valueTick(value, y) {
  return svg`<text class="scale" x="0" y=${y - 4}>${value === 0 ? nothing : `${value} min`}</text>`;
}

/**
 * @param {string} x
 * @param {number} at_min
 * @param {number} place
 */
export function hourTick(x, at_min, place, height = HEIGHT) {
  return svg`
    <line class="tick" x1=${x} x2=${x} y1=${height} y2=${height + 5} />
    <text class="scale ${place % 2 === 1 ? "minor" : ""}" x=${x} y=${height + 19} text-anchor="middle">${newYorkTime(at_min)}</text>
  `;
}

/**
 * @param {readonly ErrorPoint[]} points
 * @param {Forecaster} name
 * @param {import("../../live/plot.js").Range} day
 * @param {(value: number) => number} down
 * @param {number} now share of the width
 */
function lineOf(points, name, day, down, now) {
  const places = points.map((point) => /** @type {const} */ ([shareOf(day, point.at_min), down(point[name])]));
  const last = points.at(-1);
  return linePath(last === undefined ? [] : [...places, [now, down(last[name])]]);
}

/**
 * @param {readonly ErrorPoint[]} points
 * @param {string} x
 * @param {(value: number) => number} down
 */
function labelsView(points, x, down) {
  const last = /** @type {ErrorPoint} */ (points.at(-1));
  const names = present(last);
  const heights = names.map((name) => Math.max(0, down(last[name])));
  const apart = keptApart(
    heights.map((y) => y + 4),
    LABEL_GAP,
    HEIGHT,
  );
  return names.map(
    (name, place) => svg`
      <circle class="end ${name}" cx=${x} cy=${heights[place]} r="4" />
      <text class="label ${name}" x=${x} dx="9" y=${apart[place]}>${FORECASTER_NAMES[name]}</text>
    `,
  );
}

/** @param {readonly ErrorPoint[]} points */
function summary(points) {
  const last = points.at(-1);
  if (last === undefined)
    return "Running error of three forecasters over the day: nothing yet, as no flight has landed.";
  const parts = present(last).map((name) => `${FORECASTER_NAMES[name].toLowerCase()} ${last[name].toFixed(1)} minutes`);
  return `Running mean absolute error at ${newYorkTime(last.at_min)}, over ${countText(last.flights, "flight")}: ${parts.join(", ")}. The figures follow as a table.`;
}

/**
 * @param {Moment} chosen
 * @param {Actions} actions
 */
function momentView(chosen, { chooseMoment }) {
  const names = /** @type {Moment[]} */ (["hour_before", "scheduled", "departure"]);
  return html`
    <fieldset class="moments" data-testid="moments">
      <legend>The online forecast that counts was made</legend>
      <div class="switch">
        ${names.map(
          (name) => html`<label>
            <input type="radio" name="moment" value=${name} .checked=${name === chosen} @change=${() => chooseMoment(name)} />
            <span>${MOMENT_NAMES[name]}</span>
          </label>`,
        )}
      </div>
    </fieldset>
  `;
}

/** The figures at every hour that has passed. @param {readonly ErrorPoint[]} points */
function tableView(points) {
  const [first, last] = [points[0]?.at_min ?? 0, points.at(-1)?.at_min ?? 0];
  const hours = Array.from(
    { length: Math.ceil((last - first) / 60) },
    (_, place) => Math.ceil(first / 60 + place) * 60,
  );
  const rows = [...hours.filter((at_min) => at_min < last), last];
  return html`
    <details class="figures">
      <summary>The figures, hour by hour</summary>
      <table data-testid="errors-table">
        <caption class="visually-hidden">Mean absolute error so far, in minutes</caption>
        <thead>
          <tr>
            <th scope="col">New York</th>
            <th scope="col">Landed</th>
            ${FORECASTERS.map((name) => html`<th scope="col">${FORECASTER_NAMES[name]}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map((at_min) => tableRow(at_min, errorsAt(points, at_min)))}
        </tbody>
      </table>
    </details>
  `;
}

/**
 * @param {number} at_min
 * @param {ErrorPoint | null} point
 */
function tableRow(at_min, point) {
  return html`<tr>
    <th scope="row">${newYorkTime(at_min)}</th>
    <td>${point?.flights ?? 0}</td>
    ${FORECASTERS.map((name) => html`<td>${point === null || Number.isNaN(point[name]) ? "–" : point[name].toFixed(1)}</td>`)}
  </tr>`;
}
