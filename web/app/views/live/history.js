// How the forecasts of one flight went: predictions over time, what happened on the way, and how it ended.

import { html, nothing, svg } from "lit/html.js";
import { delayText, numberText } from "../../format.js";
import { newYorkTime } from "../../live/clock.js";
import { keptApart, labelLines, PATH_WIDTH, percent, shareOf, stepPath } from "../../live/plot.js";
import { marksOf, turnsOf } from "../../live/story.js";
import { delayScale, position } from "../../scale.js";

/** @typedef {import("../../live/flights.js").LiveFlight} LiveFlight */
/** @typedef {import("../../live/plot.js").Range} Range */
/** @typedef {import("../../live/story.js").Mark} Mark */
/** @typedef {import("../../live-state.js").LiveState} LiveState */
/** @typedef {(delay_min: number) => number} Down */

const HEIGHT = 150;
const LINE = 17;
/** A chart is never narrower than this. */
const LEAST_SPAN_MIN = 60;

/**
 * @param {LiveState} state
 * @param {LiveFlight} flight
 * @param {number} now_min
 */
export function historyView(state, flight, now_min) {
  const points = state.courses.get(flight.id)?.points ?? [];
  const first = points[0];
  if (first === undefined) return nothing;
  const marks = marksOf(flight, state.feed, first.at_min, now_min);
  const ends = Math.min(now_min, flight.landed?.at_min ?? now_min);
  const span = { low: first.at_min, high: Math.max(ends, first.at_min + LEAST_SPAN_MIN) };
  const truth = flight.landed !== null && flight.landed.at_min <= now_min ? flight.landed : null;
  const batch = state.batch.get(flight.id)?.delay_min ?? null;
  const parts = { points, marks, span, ends, truth, batch };
  return html`
    <figure class="plot history" data-testid="history">
      ${canvasView(parts)}
    </figure>
    ${turnsView(points, marks)}
  `;
}

/**
 * @param {object} parts
 * @param {readonly { at_min: number, delay_min: number }[]} parts.points
 * @param {readonly Mark[]} parts.marks
 * @param {Range} parts.span
 * @param {number} parts.ends
 * @param {{ at_min: number, delay_min: number } | null} parts.truth
 * @param {number | null} parts.batch
 */
function canvasView({ points, marks, span, ends, truth, batch }) {
  const values = [...points.map(({ delay_min }) => delay_min), ...(truth ? [truth.delay_min] : []), batch ?? 0];
  const scale = delayScale(values);
  const lines = labelLines(marks.map(({ at_min, text }) => ({ share: shareOf(span, at_min), text })));
  const head = (Math.max(-1, ...lines) + 1) * LINE + 6;
  /** @type {Down} */
  const down = (delay_min) => head + HEIGHT * (1 - position(scale, delay_min));
  const across = (/** @type {number} */ at_min) => shareOf(span, at_min);
  const steps = points.map(({ at_min, delay_min }) => /** @type {const} */ ([across(at_min), down(delay_min) - head]));
  return svg`
    <svg class="canvas" role="img" aria-label=${summary(points, truth)} width="100%" height=${head + HEIGHT + 24}>
      ${scale.ticks.map((tick) => svg`<line class="grid" x1="0" x2="100%" y1=${down(tick)} y2=${down(tick)} />`)}
      ${marks.map((mark, place) => markView(mark, percent(across(mark.at_min)), across(mark.at_min) > 0.5, Number(lines[place]) * LINE + 12, head))}
      ${batch === null ? nothing : flatView("batch", down(batch))}
      ${flatView("schedule", down(0))}
      <svg x="0" y=${head} width="100%" height=${HEIGHT} viewBox="0 0 ${PATH_WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
        <path class="line online" d=${stepPath(steps, across(ends))} />
      </svg>
      ${scale.ticks.map((tick) => levelView(tick, down(tick)))}
      ${truth === null ? nothing : svg`<circle class="truth-dot" cx=${percent(across(truth.at_min))} cy=${down(truth.delay_min)} r="6" />`}
      ${namesView({ points, truth, batch, down, x: percent(across(ends)) })}
      ${[span.low, span.high].map((at_min, end) => svg`<text class="scale" x=${percent(end)} y=${head + HEIGHT + 19} text-anchor=${end === 0 ? "start" : "end"}>${newYorkTime(at_min)}</text>`)}
    </svg>
  `;
}

/**
 * @param {number} delay_min
 * @param {number} y
 */
function levelView(delay_min, y) {
  const text = delay_min === 0 ? "" : `${delay_min > 0 ? "+" : ""}${numberText(delay_min)}`;
  return svg`<text class="scale" x="0" y=${y - 4}>${text}</text>`;
}

/**
 * @param {Mark} mark
 * @param {string} x
 * @param {boolean} ends whether its label ends there, rather than begins
 * @param {number} y
 * @param {number} head
 */
function markView({ text }, x, ends, y, head) {
  return svg`
    <line class="mark-line" x1=${x} x2=${x} y1=${y - 10} y2=${head + HEIGHT} />
    <text class="mark-text" x=${x} dx=${ends ? -5 : 5} y=${y} text-anchor=${ends ? "end" : "start"}>${text}</text>
  `;
}

/**
 * @param {string} name
 * @param {number} y
 */
function flatView(name, y) {
  return svg`<line class="line ${name}" x1="0" x2="100%" y1=${y} y2=${y} />`;
}

/**
 * Names at the right of what they name.
 *
 * @param {object} parts
 * @param {readonly { delay_min: number }[]} parts.points
 * @param {{ delay_min: number } | null} parts.truth
 * @param {number | null} parts.batch
 * @param {Down} parts.down
 * @param {string} parts.x where the line of predictions ends
 */
function namesView({ points, truth, batch, down }) {
  /** @type {[string, string, number][]} */
  const names = [
    ["online", "Online", Number(points.at(-1)?.delay_min)],
    ["schedule", "Schedule", 0],
  ];
  if (batch !== null) names.push(["batch", "Last night", batch]);
  if (truth !== null) names.push(["actual", "Actual", truth.delay_min]);
  const most = down(Number.NEGATIVE_INFINITY) + 4;
  const apart = keptApart(
    names.map(([, , value]) => down(value) + 4),
    LINE,
    most,
  );
  return names.map(
    ([name, text], place) => svg`<text class="label ${name}" x="100%" dx="9" y=${apart[place]}>${text}</text>`,
  );
}

/**
 * @param {readonly { at_min: number, delay_min: number }[]} points
 * @param {{ delay_min: number } | null} truth
 */
function summary(points, truth) {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return "";
  const end = truth === null ? "" : `; actually ${delayText(truth.delay_min)}`;
  return `Online forecast from ${newYorkTime(first.at_min)}, ${delayText(first.delay_min)}, to ${newYorkTime(last.at_min)}, ${delayText(last.delay_min)}${end}. Its turns follow as a list.`;
}

/**
 * @param {readonly { at_min: number, delay_min: number }[]} points
 * @param {readonly Mark[]} marks
 */
function turnsView(points, marks) {
  return html`
    <details class="figures">
      <summary>Its turns, as a list</summary>
      <ol class="turns" data-testid="turns">
        ${turnsOf(points, marks).map(({ at_min, text }) => html`<li><time>${newYorkTime(at_min)}</time> ${text}</li>`)}
      </ol>
    </details>
  `;
}
