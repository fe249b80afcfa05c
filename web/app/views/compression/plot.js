// Quality against size or time: each variant a dot, those that nobody beats in both joined by the Pareto front.

import { html, nothing, svg } from "lit/html.js";
import { timeText } from "../../../bench/views/words.js";
import { changeAxis, factorAxis, paretoFront } from "../../compression/axes.js";
import { budgetOf, FAMILY_TITLES, isRelative } from "../../compression/facts.js";
import { labelPlaces } from "../../compression/labels.js";
import { bytesText } from "../../format.js";
import { PATH_WIDTH, percent, stepPath } from "../../live/plot.js";
import { pointSentence } from "./words.js";

/** @typedef {import("../../compression/axes.js").Axis} Axis */
/** @typedef {import("../../compression/facts.js").Facts} Facts */
/** @typedef {import("../../compression/points.js").Choice} Choice */
/** @typedef {import("../../compression/points.js").Point} Point */

/**
 * @typedef {object} Across what the plot has from left to right
 * @property {string} title
 * @property {string} hint
 * @property {string} empty what stands in the plot's place where nothing is known
 * @property {(point: Point) => number | null} value
 * @property {(point: Point) => number | null} own the same, measured here, where that stands beside a recorded one
 * @property {(point: Point) => boolean} isOwn whether what is there was measured here alone
 * @property {(point: Point) => [number, number] | null} range its quartiles
 * @property {(value: number) => string} text
 *
 * @typedef {object} Plot
 * @property {string} id
 * @property {Across} axis
 * @property {Facts} facts
 * @property {Choice} choice
 * @property {readonly Point[]} points
 * @property {string} chosen
 * @property {(name: string) => unknown} onChoose
 */

const HEIGHT = 340;
/** What names are kept apart for: the plot's width beside another one; a phone shows the chosen name alone. */
const USUAL_WIDTH = 480;
const EDGE = 14;

/** Around (0, 0), about as heavy each. */
const SHAPES = /** @type {Record<string, string>} */ ({
  trained: "M0-9L2.600-3.100 9-2.600 4.200 1.600 5.600 8 0 4.600-5.600 8-4.200 1.600-9-2.600-2.600-3.100Z",
  bits: "M6.500 0A6.500 6.500 0 1 1-6.500 0A6.500 6.500 0 1 1 6.500 0Z",
  pruned: "M0-7.500L7.200 5.500H-7.200Z",
  factored: "M-6-6H6V6H-6Z",
  distilled: "M0-8.500L7 0 0 8.500-7 0Z",
  other: "M-3-7H3V-3H7V3H3V7H-3V3H-7V-3H-3Z",
});
const STATUS_TITLES = { released: "released", holds: "holds the budget", refused: "loses too much" };

/**
 * @param {readonly Point[]} points
 * @param {Choice} choice
 * @returns {Across}
 */
export function sizeAxis(points, { size }) {
  return {
    ...{ title: "Quality against size", empty: points.length === 0 ? "Nothing was compressed." : "" },
    hint: `Across: ${size === "raw" ? "the file’s size" : "the file’s size as it is sent, in brotli"}; further left is smaller.`,
    value: ({ bytes }) => bytes,
    own: () => null,
    isOwn: () => false,
    range: () => null,
    text: bytesText,
  };
}

/**
 * @param {readonly Point[]} points
 * @param {Facts} facts
 * @param {Choice} choice
 * @returns {Across}
 */
export function timeAxis(points, facts, { batch, provider }) {
  const rows = batch === 1 ? "a row" : `${batch} rows`;
  const known = points.some(({ recorded, own }) => recorded !== null || own !== null);
  const why = facts.untimed[provider] ?? "it was not part of the measurement";
  return {
    ...{
      title: "Quality against time",
      empty: known ? "" : `Nothing is recorded here: ${why}. You can measure it below.`,
    },
    hint: `Across: the time of ${rows}, with its quartiles; further left is faster.`,
    value: ({ recorded, own }) => (recorded ?? own)?.time_ms.median ?? null,
    own: ({ recorded, own }) => (recorded === null ? null : (own?.time_ms.median ?? null)),
    isOwn: ({ recorded }) => recorded === null,
    range: ({ recorded, own }) => quartilesOf(recorded ?? own),
    text: timeText,
  };
}

/**
 * @param {import("../../compression/facts.js").Timed | null} timed
 * @returns {[number, number] | null}
 */
function quartilesOf(timed) {
  return timed === null ? null : [timed.time_ms.lower_quartile, timed.time_ms.upper_quartile];
}

/** @param {Plot} plot */
export function plotView(plot) {
  const { id, axis, points } = plot;
  return html`
    <div class="plot-panel">
      <h2 id="${id}-title">${axis.title}</h2>
      ${axis.empty === "" ? figureView(plot, geometry(plot)) : html`<p class="nothing" data-testid="${id}-empty">${axis.empty}</p>`}
      <p class="hint">${axis.hint} Up: how much more it loses than ${points[0].name}, with the 95% interval; further down is better.</p>
    </div>
  `;
}

/**
 * @typedef {object} Geometry
 * @property {Axis} across
 * @property {Axis} up
 * @property {(value: number) => string} x
 * @property {(value: number) => number} y
 *
 * @param {Plot} plot
 * @returns {Geometry}
 */
function geometry({ axis, points, facts, choice }) {
  const values = points.flatMap((point) => [axis.value(point), axis.own(point), ...(axis.range(point) ?? [])]);
  const across = factorAxis(values.filter((value) => value !== null));
  const up = changeAxis(
    points.flatMap(({ change }) => [change.value, change.low, change.high]),
    budgetOf(facts, choice.exam),
  );
  const y = (/** @type {number} */ value) => EDGE + (HEIGHT - 2 * EDGE) * (1 - up.share(value));
  return { across, up, x: (value) => percent(across.share(value)), y };
}

/**
 * @param {Plot} plot
 * @param {Geometry} geometry
 */
function figureView(plot, geometry) {
  const { id, axis, points, choice, facts } = plot;
  const shown = points
    .filter((point) => axis.value(point) !== null)
    .sort((a, b) => Number(axis.value(a)) - Number(axis.value(b)));
  const front = paretoFront(shown.map((point) => ({ point, x: Number(axis.value(point)), y: point.change.value })));
  const own = points.filter((point) => axis.own(point) !== null);
  const names = namesOf(plot, shown, new Set(front.map(({ point }) => point.name)), geometry);
  return html`
    <figure class="plot tradeoff" data-testid="plot-${id}">
      <svg class="canvas" width="100%" height=${HEIGHT + 26} aria-labelledby="${id}-title">
        <g aria-hidden="true">
          ${gridView(geometry, axis, isRelative(facts))}
          ${budgetView(budgetOf(facts, choice.exam), geometry)}
          <svg x="0" y="0" width="100%" height=${HEIGHT} viewBox="0 0 ${PATH_WIDTH} ${HEIGHT}" preserveAspectRatio="none">
            <path class="front" d=${stepPath(
              front.map(({ x, y }) => [geometry.across.share(x), geometry.y(y)]),
              1,
            )} />
          </svg>
          ${shown.map((point) => whiskersView(point, plot, geometry))}
        </g>
        <g role="listbox" aria-label="${axis.title}: variants from left to right" aria-orientation="horizontal">
          ${shown.map((point, place) => dotView(point, { ...plot, shown, place, label: names.get(point.name) }, geometry))}
        </g>
        <g aria-hidden="true">${own.map((point) => ownView(point, plot, geometry))}</g>
      </svg>
    </figure>
  `;
}

/**
 * @param {Plot} plot
 * @param {readonly Point[]} shown
 * @param {ReadonlySet<string>} front
 * @param {Geometry} geometry
 */
function namesOf({ axis, chosen }, shown, front, { across, y }) {
  const dots = shown.map((point) => ({
    name: point.name,
    x: USUAL_WIDTH * across.share(Number(axis.value(point))),
    y: y(point.change.value),
    wanted: front.has(point.name) || point.base,
  }));
  return labelPlaces(dots, chosen, USUAL_WIDTH);
}

/**
 * @param {Geometry} geometry
 * @param {Across} axis
 * @param {boolean} relative
 */
function gridView({ across, up, x, y }, axis, relative) {
  const crowded = across.ticks.length > 5;
  return [
    ...up.ticks.map(
      (tick) => svg`
        <line class="grid ${tick === 0 ? "zero" : ""}" x1="0" x2="100%" y1=${y(tick)} y2=${y(tick)} />
        <text class="scale" x="0" dx="-8" y=${y(tick) + 4} text-anchor="end">${tick === 0 ? "same" : changeTick(tick, relative)}</text>`,
    ),
    ...across.ticks.map(
      (tick, place) => svg`
        <line class="grid" x1=${x(tick)} x2=${x(tick)} y1="0" y2=${HEIGHT} />
        <text class="scale ${crowded && place % 2 === 1 ? "minor" : ""}" x=${x(tick)} y=${HEIGHT + 18} text-anchor=${anchor(place, across.ticks.length)}>${axis.text(tick)}</text>`,
    ),
  ];
}

/**
 * @param {number} place
 * @param {number} count
 */
function anchor(place, count) {
  if (place === 0) return "start";
  return place === count - 1 ? "end" : "middle";
}

/**
 * @param {number} value
 * @param {boolean} relative
 */
function changeTick(value, relative) {
  return `${value < 0 ? "−" : "+"}${Math.abs(value)}${relative ? "%" : ""}`;
}

/**
 * @param {number | null} budget
 * @param {Geometry} geometry
 */
function budgetView(budget, { y }) {
  if (budget === null) return nothing;
  return svg`
    <line class="budget" x1="0" x2="100%" y1=${y(budget)} y2=${y(budget)} />
    <text class="budget-label" x="100%" dx="-4" y=${y(budget) - 6} text-anchor="end">budget: the interval ends below</text>`;
}

/**
 * @param {Point} point
 * @param {Plot} plot
 * @param {Geometry} geometry
 */
function whiskersView(point, { axis, chosen }, { x, y }) {
  const { change, status } = point;
  const at = x(Number(axis.value(point)));
  const range = axis.range(point);
  const kind = `whisker ${status} ${point.name === chosen ? "chosen" : ""}`;
  return svg`
    <line class=${kind} x1=${at} x2=${at} y1=${y(change.low)} y2=${y(change.high)} />
    ${range === null ? nothing : svg`<line class=${kind} x1=${x(range[0])} x2=${x(range[1])} y1=${y(change.value)} y2=${y(change.value)} />`}`;
}

/**
 * What was measured here, at the same height, tied to what was recorded.
 *
 * @param {Point} point
 * @param {Plot} plot
 * @param {Geometry} geometry
 */
function ownView(point, { axis, onChoose }, { x, y }) {
  const at = x(Number(axis.own(point)));
  const recorded = axis.value(point);
  const height = y(point.change.value);
  return svg`
    ${recorded === null ? nothing : svg`<line class="tie" x1=${x(recorded)} x2=${at} y1=${height} y2=${height} />`}
    <svg class="own" x=${at} y=${height} width="1" height="1" data-own=${point.name} @click=${() => onChoose(point.name)}>
      <path class="shape" d=${SHAPES[point.family]} />
    </svg>`;
}

/**
 * One stop for the Tab key in all; arrow keys go on from there.
 *
 * @param {Point} point
 * @param {Plot & { shown: readonly Point[], place: number, label: import("../../compression/labels.js").Place | undefined }} plot
 * @param {Geometry} geometry
 */
function dotView(point, { id, axis, chosen, onChoose, shown, place, label, choice, facts }, { x, y }) {
  const isChosen = point.name === chosen;
  const mine = axis.isOwn(point);
  const value = Number(axis.value(point));
  const stop = isChosen || (place === 0 && !shown.some(({ name }) => name === chosen));
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const next = shown[stepFrom(place, event.key, shown.length)];
    if (next === undefined) return;
    event.preventDefault();
    onChoose(next.name);
    /** @type {SVGElement | null} */ (
      document.querySelector(`[data-plot="${id}"][data-name="${CSS.escape(next.name)}"]`)
    )?.focus();
  };
  return svg`
    <svg x=${x(value)} y=${y(point.change.value)} width="1" height="1" role="presentation" class="place">
      <g class="dot ${mine ? "own" : point.status} ${point.family} ${isChosen ? "chosen" : ""}" role="option" data-own=${mine ? point.name : nothing} tabindex=${stop ? 0 : -1} aria-selected=${isChosen}
        aria-label=${pointSentence(point, facts, choice)} data-plot=${id} data-name=${point.name}
        @click=${() => onChoose(point.name)} @focus=${() => onChoose(point.name)} @pointerenter=${() => onChoose(point.name)} @keydown=${onKey}>
        <circle class="reach" r="14" />
        <circle class="halo" r="12" />
        <path class="shape" d=${SHAPES[point.family]} />
        ${label === undefined ? nothing : svg`<text class="dot-label" x=${label.dx} y=${label.dy} text-anchor=${label.anchor}>${point.name}</text>`}
      </g>
    </svg>`;
}

/**
 * @param {number} place
 * @param {string} key
 * @param {number} count
 * @returns {number} -1 for a key that goes nowhere
 */
function stepFrom(place, key, count) {
  const steps = /** @type {Record<string, number>} */ ({
    ...{ ArrowRight: Math.min(place + 1, count - 1), ArrowDown: Math.min(place + 1, count - 1) },
    ...{ ArrowLeft: Math.max(place - 1, 0), ArrowUp: Math.max(place - 1, 0) },
    ...{ Home: 0, End: count - 1 },
  });
  return steps[key] ?? -1;
}

/** @param {readonly Point[]} points */
export function keysView(points) {
  const families = Object.keys(FAMILY_TITLES).filter((family) => points.some((point) => point.family === family));
  const statuses = /** @type {const} */ (["released", "holds", "refused"]);
  return html`
    <div class="keys" data-testid="keys">
      ${families.map((family) => keyView(`plain ${family}`, SHAPES[family], FAMILY_TITLES[family]))}
      <span class="gap"></span>
      ${statuses.map((status) => keyView(status, SHAPES.bits, STATUS_TITLES[status]))}
      ${points.some(({ own }) => own !== null) ? keyView("own", SHAPES.bits, "measured here") : nothing}
      <span class="key"><svg width="22" height="12" aria-hidden="true"><path class="front" d="M0 6H22" /></svg> Pareto front</span>
    </div>
  `;
}

/**
 * @param {string} kind
 * @param {string} shape
 * @param {string} text
 */
function keyView(kind, shape, text) {
  return html`<span class="key"><svg width="20" height="20" viewBox="-10 -10 20 20" aria-hidden="true"><g class="dot ${kind}"><path class="shape" d=${shape} /></g></svg> ${text}</span>`;
}
