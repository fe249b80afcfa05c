// The Live page: a day of real flights, replayed on this device.

import { minuteOf } from "./live/clock.js";
import { createLive } from "./live-actions.js";
import { startPage } from "./pipeline-page.js";
import { openSamples } from "./samples.js";
import { livePageView } from "./views/live/page.js";

/** @typedef {ReturnType<typeof createLive>} Actions */

/** What has a use of its own for the space bar. */
const TAKES_SPACE = "button, a, select, summary, textarea, input:not([type=radio], [type=range])";

startPage("eta", (offer, predictor, onChange) => {
  const actions = createLive({ samples: openSamples(String(offer.samples)), predictor, onChange });
  document.addEventListener("keydown", (event) => toggleBySpace(event, actions));
  document.addEventListener("visibilitychange", () => actions.hide(document.hidden));
  const playOnce = onceItCan(actions);
  const ready = async (/** @type {Promise<unknown>} */ work) => {
    await work;
    playOnce();
  };
  const forms = formsOf(actions);
  return {
    view: (surroundings) => livePageView({ ...surroundings, actions, ...forms }),
    begin: () => ready(actions.openDays()),
    ask: () => ready(actions.adopt()),
    submit: async () => {},
    answered: () => actions.state().now_min !== null,
  };
});

/**
 * @param {KeyboardEvent} event
 * @param {Actions} actions
 */
function toggleBySpace(event, actions) {
  const target = /** @type {Element} */ (event.target);
  if (event.key !== " " || event.ctrlKey || event.altKey || event.metaKey || target.closest(TAKES_SPACE)) return;
  event.preventDefault();
  if (!event.repeat) actions.toggle();
}

/**
 * Starts the first day by itself, once; not for those who want nothing to move, nor in a page that nobody sees.
 *
 * @param {Actions} actions
 */
function onceItCan(actions) {
  let played = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return () => {
    if (played || actions.state().now_min === null || document.hidden) return;
    played = true;
    actions.play();
  };
}

/** @param {Actions} actions */
function formsOf(actions) {
  return {
    /** @param {Event} event */
    onTime: (event) => {
      event.preventDefault();
      const { value } = /** @type {HTMLFormElement} */ (event.target).time;
      if (value !== "") actions.jumpTo(minuteOf(value, actions.state().opens_min));
    },
    /** @param {Event} event */
    onFind: (event) => {
      event.preventDefault();
      actions.goToFound();
    },
  };
}
