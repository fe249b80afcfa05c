// What every page that runs a pipeline does: open it at once, show where that stands, draw once for many changes.

import { nothing, render } from "lit/html.js";
import { list, open } from "./foreshore.js";
import { readJson } from "./json-file.js";
import { createSession } from "./session.js";
import { cardView } from "./views/card.js";
import { loadingView } from "./views/loading.js";
import { proofView } from "./views/proof.js";

/** @typedef {import("./foreshore.js").Offer} Offer */
/** @typedef {import("./foreshore.js").Predictor} Predictor */
/** @typedef {import("./session.js").SessionState} SessionState */

/**
 * @typedef {object} Surroundings what a page's view is given
 * @property {Offer} offer
 * @property {SessionState} session
 * @property {import("./views/loading.js").Engine & Choosing} engine
 * @property {{ isolated: boolean, cores: number }} device
 * @property {() => void} onSubmit
 *
 * @typedef {{ start: (choice: import("./session.js").Choice) => unknown, agree: (consent: boolean) => unknown }} Choosing
 *
 * @typedef {object} Content what a page adds
 * @property {(surroundings: Surroundings) => unknown} view
 * @property {() => Promise<unknown>} begin the release is known; the pipeline may still be opening
 * @property {() => unknown} ask the pipeline, or another variant of it, is open
 * @property {() => Promise<unknown>} submit
 * @property {() => boolean} answered
 */

const FIRST_PREDICTION = "foreshore:first-prediction";

/**
 * Start a page; it draws into `#app`, and what the model is into `#about`.
 *
 * @param {string} name of the pipeline
 * @param {(offer: Offer, predictor: () => Predictor | null, draw: () => void, consent: () => boolean) => Content} create
 */
export function startPage(name, create) {
  const root = /** @type {HTMLElement} */ (document.querySelector("#app"));
  const device = { isolated: globalThis.crossOriginIsolated, cores: navigator.hardwareConcurrency };
  /** @type {{ offer: Offer, content: Content } | null} */
  let page = null;

  const drawNow = () => {
    const state = session.state();
    document.body.dataset.state = state.status === "cancelled" ? "error" : state.status;
    const surroundings = { session: state, engine, device, onSubmit };
    render(page ? page.content.view({ ...surroundings, offer: page.offer }) : loadingView(state, engine), root);
    if (page?.content.answered()) markOnce(FIRST_PREDICTION);
  };
  const draw = onceAFrame(drawNow);

  const session = createSession(name, open, ({ status }) => {
    if (status === "ready") page?.content.ask();
    draw();
  });

  const findOffer = async () => {
    const offers = await list().catch(() => []); // the session meets the same failure, and shows it
    const offer = offers.find((one) => one.name === name);
    if (offer === undefined || page !== null) return;
    page = {
      offer,
      content: create(
        offer,
        () => session.state().predictor,
        draw,
        () => session.state().consent,
      ),
    };
    draw();
    await page.content.begin();
    await showCard(offer);
  };

  const retry = () => {
    session.start();
    if (page === null) findOffer();
  };
  const agree = (/** @type {boolean} */ consent) => {
    session.agree(consent);
    page?.content.ask();
  };
  const engine = { start: session.start, cancel: session.cancel, retry, agree };

  const onSubmit = async () => {
    await page?.content.submit();
    drawNow();
    /** @type {HTMLElement | null} */ (root.querySelector("[aria-invalid=true]"))?.focus();
  };

  root.replaceChildren();
  retry();
}

/** @param {string} name */
function markOnce(name) {
  if (performance.getEntriesByName(name).length === 0) performance.mark(name);
}

/**
 * `action`, done at the next frame for however many calls came before it; at once in a page that shows no frames.
 *
 * @param {() => void} action
 */
function onceAFrame(action) {
  let waiting = false;
  const act = () => {
    waiting = false;
    action();
  };
  return () => {
    if (waiting) return;
    waiting = true;
    if (document.hidden) queueMicrotask(act);
    else requestAnimationFrame(act);
  };
}

/** @param {string | null} url */
async function readIfThere(url) {
  return url === null ? null : readJson(url).catch(() => null);
}

/**
 * Shows what the model is, and that it computes what was trained; the page does without what can't be had.
 *
 * @param {Offer} offer
 */
async function showCard(offer) {
  const about = /** @type {HTMLElement} */ (document.querySelector("#about"));
  const [card, report] = await Promise.all([offer.card, offer.verification].map(readIfThere));
  if (card === null) return;
  const proof = report === null ? nothing : proofView(/** @type {import("./proof.js").Report} */ (report));
  render([cardView(/** @type {import("./card.js").Card} */ (card)), proof], about);
  about.hidden = false;
}
