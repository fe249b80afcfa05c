// What drives a replay while it plays: so many minutes of the day a second, whole minutes only. No DOM.

/** How often the replay moves on; slower where predictions take longer. */
const TICK_MS = 200;

/**
 * @typedef {object} Timer
 * @property {() => number} now_ms
 * @property {(action: () => void, after_ms: number) => unknown} start
 * @property {(started: unknown) => void} stop
 */

/** @type {Timer} */
export const PAGE_TIMER = {
  now_ms: () => performance.now(),
  start: (action, after_ms) => setTimeout(action, after_ms),
  stop: (started) => clearTimeout(/** @type {number} */ (started)),
};

/**
 * @param {(at_min: number) => void} onTime told the minute that the day's clock should show now
 * @param {Timer} [timer]
 */
export function createPlayer(onTime, timer = PAGE_TIMER) {
  let from = { real_ms: 0, day_min: 0 };
  let speed = 1;
  /** @type {unknown} */
  let waiting = null;

  const wanted = () => from.day_min + ((timer.now_ms() - from.real_ms) / 1000) * speed;
  const tick = () => {
    waiting = timer.start(tick, TICK_MS);
    onTime(Math.floor(wanted()));
  };
  const pause = () => {
    if (waiting !== null) timer.stop(waiting);
    waiting = null;
  };

  return {
    /** @param {number} day_min what the day's clock shows now @param {number} minutes_a_second */
    play: (day_min, minutes_a_second) => {
      pause();
      from = { real_ms: timer.now_ms(), day_min };
      speed = minutes_a_second;
      waiting = timer.start(tick, TICK_MS);
    },
    pause,
  };
}
