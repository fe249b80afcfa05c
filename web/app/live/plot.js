// The geometry of the Live page's charts: scales, ticks, paths and labels that keep apart. No DOM.

/** @typedef {{ low: number, high: number }} Range */
/** @typedef {readonly [x: number, y: number]} Place `x` from 0 to 1 of the width, `y` in pixels */

/** Paths are drawn in a box of this width, stretched to the chart's. */
export const PATH_WIDTH = 1000;

const TICK_MIN = 240;
const NICE_STEPS = [5, 10, 20, 50, 100, 200, 500];
const MOST_STEPS = 5;
/** What a character of a label takes of a phone's chart. */
const CHARACTER_SHARE = 0.022;

/**
 * Where a value lies in a range, 0 to 1; values beyond it lie at its ends.
 *
 * @param {Range} range
 * @param {number} value
 */
export function shareOf({ low, high }, value) {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}

/** @param {number} share 0 to 1 */
export function percent(share) {
  return `${(100 * share).toFixed(2)}%`;
}

/**
 * The minutes at which a chart of a day has ticks: every fourth hour from its opening.
 *
 * @param {Range} range from an opening on
 */
export function hourTicks({ low, high }) {
  return Array.from({ length: Math.floor((high - low) / TICK_MIN) + 1 }, (_, step) => low + step * TICK_MIN);
}

/**
 * Round values from zero that hold a maximum.
 *
 * @param {number} most
 */
export function valueTicks(most) {
  const step = NICE_STEPS.find((size) => most / size <= MOST_STEPS) ?? 1000;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, place) => place * step);
}

/** @param {readonly Place[]} places */
export function linePath(places) {
  return places.map(([x, y], place) => `${place === 0 ? "M" : "L"}${xOf(x)} ${y.toFixed(1)}`).join("");
}

/**
 * A line that keeps each value until the next.
 *
 * @param {readonly Place[]} places
 * @param {number} end share of the width to which the last value is held
 */
export function stepPath(places, end) {
  const steps = places.map(([x, y], place) =>
    place === 0 ? `M${xOf(x)} ${y.toFixed(1)}` : `H${xOf(x)}V${y.toFixed(1)}`,
  );
  return places.length === 0 ? "" : `${steps.join("")}H${xOf(end)}`;
}

/**
 * Dots, as strokes of no length: drawn round by round line caps.
 *
 * @param {readonly Place[]} places
 */
export function dotsPath(places) {
  return places.map(([x, y]) => `M${xOf(x)} ${y.toFixed(1)}h0`).join("");
}

/**
 * Upright lines from one height to another.
 *
 * @param {readonly (readonly [x: number, from: number, to: number])[]} needles
 */
export function needlesPath(needles) {
  return needles.map(([x, from, to]) => `M${xOf(x)} ${from.toFixed(1)}V${to.toFixed(1)}`).join("");
}

/** @param {number} share */
function xOf(share) {
  return (share * PATH_WIDTH).toFixed(1);
}

/**
 * Heights moved as little as it takes for labels to stand a gap apart, in their order.
 *
 * @param {readonly number[]} heights
 * @param {number} gap
 * @param {number} most the lowest place on the chart
 */
export function keptApart(heights, gap, most) {
  const order = heights.map((_, place) => place).sort((one, other) => Number(heights[one]) - Number(heights[other]));
  const moved = [...heights];
  let free = Number.NEGATIVE_INFINITY;
  for (const place of order) {
    moved[place] = Math.max(Number(heights[place]), free);
    free = Number(moved[place]) + gap;
  }
  let limit = most;
  for (const place of order.reverse()) {
    moved[place] = Math.min(Number(moved[place]), limit);
    limit = Number(moved[place]) - gap;
  }
  return moved;
}

/**
 * The line, from 0 on, that each label of a row of labels stands on so that none covers another.
 *
 * @param {readonly { share: number, text: string }[]} labels by place; those of the right half end there, others begin
 */
export function labelLines(labels) {
  /** @type {[number, number][][]} */
  const taken = [];
  return labels.map(({ share, text }) => {
    const width = text.length * CHARACTER_SHARE;
    const [from, to] = share > 0.5 ? [share - width, share] : [share, share + width];
    const free = taken.findIndex((line) => line.every(([start, end]) => to < start || from > end));
    const line = free === -1 ? taken.length : free;
    taken[line] = [...(taken[line] ?? []), [from, to]];
    return line;
  });
}
