// The Arrivals page: real flights, or the visitor's own, predicted on this device.

import { render } from "lit/html.js";
import { createArrivals } from "./arrivals-actions.js";
import { list, open } from "./foreshore.js";
import { openSamples } from "./samples.js";
import { createSession } from "./session.js";
import { arrivalsView } from "./views/arrivals.js";
import { loadingView } from "./views/loading.js";

/** @typedef {import("./foreshore.js").Offer} Offer */
/** @typedef {ReturnType<typeof createArrivals>} Actions */

const PIPELINE = "eta";
const FIRST_PREDICTION = "foreshore:first-prediction";

const root = /** @type {HTMLElement} */ (document.querySelector("#app"));
const device = { isolated: globalThis.crossOriginIsolated, cores: navigator.hardwareConcurrency };
const session = createSession(PIPELINE, open, onSession);
const engine = { start: session.start, cancel: session.cancel, retry };

/** @type {{ offer: Offer, actions: Actions } | null} */
let page = null;
let drawing = false;

function retry() {
  session.start();
  if (page === null) openPage();
}

/** @param {import("./session.js").SessionState} state */
function onSession({ status }) {
  if (status === "ready") page?.actions.askAll();
  draw();
}

async function openPage() {
  const offer = await list().then(
    (offers) => offers.find(({ name }) => name === PIPELINE),
    () => undefined, // the session meets the same failure, and shows it
  );
  if (offer === undefined || page !== null) return;
  const samples = openSamples(String(offer.samples));
  const predictor = () => session.state().predictor;
  page = { offer, actions: createArrivals({ contract: offer.contract, samples, predictor, onChange: draw }) };
  await page.actions.openDays();
}

/** Draws once for however many changes one task makes. */
function draw() {
  if (drawing) return;
  drawing = true;
  queueMicrotask(() => {
    drawing = false;
    drawNow();
  });
}

function drawNow() {
  const state = session.state();
  document.body.dataset.state = state.status === "cancelled" ? "error" : state.status;
  const view =
    page === null ? loadingView(state, engine) : arrivalsView({ ...page, session: state, engine, device, onSubmit });
  render(view, root);
  if (page?.actions.state().answered) markFirstPrediction();
}

function markFirstPrediction() {
  if (performance.getEntriesByName(FIRST_PREDICTION).length === 0) performance.mark(FIRST_PREDICTION);
}

async function onSubmit() {
  await page?.actions.submit();
  drawNow();
  /** @type {HTMLElement | null} */ (root.querySelector("[aria-invalid=true]"))?.focus();
}

root.replaceChildren();
engine.retry();
