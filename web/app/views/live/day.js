// The whole day at a glance: each flight a dot, where last night, the online model and at last the truth put it.

import { html, svg } from "lit/html.js";
import { countText } from "../../format.js";
import { dayDots, dotMeant } from "../../live/dots.js";
import { dotsPath, hourTicks, needlesPath, PATH_WIDTH, percent, shareOf } from "../../live/plot.js";
import { flightOf } from "../../live-state.js";
import { hourTick } from "./errors.js";

/** @typedef {import("../../live/dots.js").Dot} Dot */
/** @typedef {import("../../live-state.js").LiveState} LiveState */

const HEIGHT = 260;
const EDGE = 6;
const LEVELS = [-60, -15, 0, 15, 60, 120, 240];
/** Delays are drawn to scale up to about here, and by their logarithm beyond: a few flights are many hours late. */
const PLAIN_MIN = 20;
const ENDS = { low: bent(-60), high: bent(240) };

/**
 * @param {LiveState} state
 * @param {(id: string) => void} onChoose
 */
export function dayView(state, onChoose) {
  const now_min = state.now_min ?? state.opens_min;
  const last = state.flights.at(-1)?.departs_min ?? state.opens_min;
  const span = { low: state.opens_min, high: Math.max(last, state.opens_min) + 30 };
  const dots = dayDots(state, now_min);
  const chosen = flightOf(state, state.chosen);
  const point = (/** @type {MouseEvent} */ event) => {
    const dot = dotMeant(dots, distanceFrom(event, span));
    if (dot !== null) onChoose(dot.id);
  };
  return html`
    <h2 id="day-title">Every flight of the day</h2>
    <p class="keys">
      ${key("batch", "forecast last night")} ${key("online", "forecast online")} ${key("actual", "landed, with a line from what online had said")}
    </p>
    <figure class="plot day-plot" data-testid="day-plot">
      <svg class="canvas" role="img" aria-label=${summary(dots)} width="100%" height=${HEIGHT + 24} @click=${point}>
        ${LEVELS.map((level) => levelView(level))}
        ${hourTicks(span).map((at_min, place) => hourTick(percent(shareOf(span, at_min)), at_min, place, HEIGHT))}
        <svg x="0" y="0" width="100%" height=${HEIGHT} viewBox="0 0 ${PATH_WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
          <path class="needles" d=${needlesPath(dots.flatMap((dot) => needle(dot, span)))} />
          ${
            /** @type {const} */ (["batch", "online", "actual"]).map(
              (kind) =>
                svg`<path class="dots ${kind}" d=${dotsPath(dots.filter((dot) => dot.kind === kind).map((dot) => place(dot, span)))} />`,
            )
          }
          <path class="dots chosen" d=${dotsPath(dots.filter(({ id }) => id === chosen?.id).map((dot) => place(dot, span)))} />
        </svg>
        <line class="cursor" x1=${percent(shareOf(span, now_min))} x2=${percent(shareOf(span, now_min))} y1="0" y2=${HEIGHT} />
      </svg>
    </figure>
    <p class="hint">Across: scheduled departure. Up: how late it lands, in minutes, long delays drawn closer together. Point at a dot to see its flight.</p>
  `;
}

/** @param {string} kind @param {string} text */
function key(kind, text) {
  return html`<span class="key"><svg width="12" height="12" aria-hidden="true"><path class="dots ${kind}" d="M6 6h0" /></svg> ${text}</span>`;
}

/** @param {number} delay_min */
function bent(delay_min) {
  return Math.asinh(delay_min / PLAIN_MIN);
}

/** @param {number} delay_min */
function down(delay_min) {
  return EDGE + (HEIGHT - 2 * EDGE) * (1 - shareOf(ENDS, bent(delay_min)));
}

/** @param {number} level */
function levelView(level) {
  const y = down(level);
  return svg`
    <line class="grid ${level === 0 ? "zero" : ""}" x1="0" x2="100%" y1=${y} y2=${y} />
    <text class="scale" x="100%" dx="8" y=${y + 4}>${level === 0 ? "on time" : `${level > 0 ? "+" : "−"}${Math.abs(level)}`}</text>
  `;
}

/**
 * @param {Dot} dot
 * @param {import("../../live/plot.js").Range} span
 * @returns {import("../../live/plot.js").Place}
 */
function place({ departs_min, delay_min }, span) {
  return [shareOf(span, departs_min), down(delay_min)];
}

/**
 * How far dots lie from where somebody points, in pixels.
 *
 * @param {MouseEvent} event
 * @param {import("../../live/plot.js").Range} span
 * @returns {(dot: Dot) => number}
 */
function distanceFrom({ currentTarget, clientX, clientY }, span) {
  const box = /** @type {Element} */ (currentTarget).getBoundingClientRect();
  return (dot) => {
    const [x, y] = place(dot, span);
    return Math.hypot(box.left + x * box.width - clientX, box.top + y - clientY);
  };
}

/**
 * @param {Dot} dot
 * @param {import("../../live/plot.js").Range} span
 * @returns {[number, number, number][]}
 */
function needle({ departs_min, delay_min, said_min }, span) {
  return said_min === null ? [] : [[shareOf(span, departs_min), down(said_min), down(delay_min)]];
}

/** @param {readonly Dot[]} dots */
function summary(dots) {
  const landed = dots.filter(({ kind }) => kind === "actual");
  const late = landed.filter(({ delay_min }) => delay_min > 15).length;
  return `${countText(dots.length, "flight")} by scheduled departure and delay; ${landed.length} have landed, ${late} of them over 15 minutes late. The board lists them.`;
}
