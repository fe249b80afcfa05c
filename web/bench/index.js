// The benchmark page: its state, and what its buttons do.

import { render } from "lit/html.js";
import { fileName, reportText } from "./measure/report.js";
import { measurable, measure } from "./run.js";
import { benchView } from "./views/bench.js";

/** @typedef {import("./views/bench.js").BenchState} BenchState */

const root = /** @type {HTMLElement} */ (document.querySelector("#bench"));
let controller = new AbortController();

/** @type {BenchState} */
let state = {
  ...{ status: "loading", offers: [], chosen: [], extent: "quick", fraction: 0, phase: "" },
  ...{ report: null, reportUrl: "", reportName: "", failure: null },
};

/** @param {Partial<BenchState>} patch */
function change(patch) {
  const before = state.status;
  state = { ...state, ...patch };
  document.body.dataset.state = state.status;
  render(benchView(state, actions, globalThis.crossOriginIsolated), root);
  if (before !== state.status) keepFocus(before);
}

/**
 * The button that had the focus may be gone or disabled now; it goes on to the one that takes its place.
 *
 * @param {BenchState["status"]} before
 */
function keepFocus(before) {
  const lost = document.activeElement === document.body || document.activeElement?.matches(":disabled");
  const next = state.status === "running" ? "[data-testid=cancel]" : "[data-testid=run]";
  if (lost && before !== "loading") /** @type {HTMLElement | null} */ (root.querySelector(next))?.focus();
}

async function load() {
  change({ status: "loading", failure: null });
  try {
    const offers = await measurable();
    change({ status: "idle", offers, chosen: offers.map(({ name }) => name) });
  } catch (failure) {
    change({ status: "error", failure });
  }
}

async function run() {
  controller = new AbortController();
  const { signal } = controller;
  change({ status: "running", fraction: 0, phase: "Reading the release", failure: null });
  try {
    const report = await measure(state.extent, state.chosen, {
      signal,
      onProgress: (fraction, phase) => change({ fraction, phase }),
    });
    URL.revokeObjectURL(state.reportUrl);
    const reportUrl = URL.createObjectURL(new Blob([reportText(report)], { type: "application/json" }));
    change({ status: "done", fraction: 1, report, reportUrl, reportName: fileName(report) });
  } catch (failure) {
    change(signal.aborted ? { status: "cancelled" } : { status: "error", failure });
  }
}

/**
 * @param {string} name
 * @param {boolean} wanted
 */
function choosePipeline(name, wanted) {
  const chosen = state.offers
    .map((offer) => offer.name)
    .filter((each) => (each === name ? wanted : state.chosen.includes(each)));
  change({ chosen });
}

const actions = {
  choose: (/** @type {import("./measure/plan.js").Extent} */ extent) => change({ extent }),
  choosePipeline,
  run,
  retry: () => (state.offers.length === 0 ? load() : run()),
  cancel: () => controller.abort(new DOMException("cancelled on the page", "AbortError")),
};

root.replaceChildren();
load();
