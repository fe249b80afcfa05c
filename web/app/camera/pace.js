// How fast frames are answered, over the last two seconds. No DOM.

/**
 * @typedef {object} Pace
 * @property {number} fps answers a second
 * @property {number} p50_ms median time of an answer
 */

const WINDOW_MS = 2000;

/** Keeps answers for as long as they count. */
export function createPace() {
  /** @type {{ at_ms: number, took_ms: number }[]} */
  let answers = [];
  let started_ms = Number.NaN;

  return {
    /**
     * @param {number} at_ms when the answer was there
     * @param {number} took_ms
     * @returns {Pace}
     */
    add: (at_ms, took_ms) => {
      if (Number.isNaN(started_ms)) started_ms = at_ms - took_ms;
      answers = [...answers.filter((answer) => answer.at_ms > at_ms - WINDOW_MS), { at_ms, took_ms }];
      const seconds = Math.min(WINDOW_MS, at_ms - started_ms) / 1000;
      return { fps: seconds > 0 ? answers.length / seconds : 0, p50_ms: median(answers.map(({ took_ms }) => took_ms)) };
    },
    /** After a pause, which is no slowness. */
    restart: () => {
      answers = [];
      started_ms = Number.NaN;
    },
  };
}

/** @param {number[]} values not empty */
function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
}
