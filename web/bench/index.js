// The benchmark page: its state, and what its buttons do.

import { render } from "lit/html.js";
import { PLANS } from "./measure/plan.js";
import { fileName, reportText } from "./measure/report.js";
import { measure } from "./run.js";
import { benchView } from "./views/bench.js";

/** @typedef {import("./views/bench.js").BenchState} BenchState */

const root = /** @type {HTMLElement} */ (document.querySelector("#bench"));
let controller = new AbortController();

/** @type {BenchState} */
let state = {
  ...{ status: "idle", plan: "quick", fraction: 0, phase: "" },
  ...{ report: null, reportUrl: "", reportName: "", failure: null },
};

/** @param {Partial<BenchState>} patch */
function change(patch) {
  const before = state.status;
  state = { ...state, ...patch };
  document.body.dataset.state = state.status;
  render(benchView(state, actions, globalThis.crossOriginIsolated), root);
  if (before !== state.status) keepFocus();
}

/** The button that had the focus may be gone or disabled now; it goes on to the one that takes its place. */
function keepFocus() {
  const lost = document.activeElement === document.body || document.activeElement?.matches(":disabled");
  const next = state.status === "running" ? "[data-testid=cancel]" : "[data-testid=run]";
  if (lost && state.status !== "idle") /** @type {HTMLElement | null} */ (root.querySelector(next))?.focus();
}

async function run() {
  controller = new AbortController();
  const { signal } = controller;
  change({ status: "running", fraction: 0, phase: "Reading the release", failure: null });
  try {
    const report = await measure(PLANS[state.plan], {
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

const actions = {
  choose: (/** @type {"quick" | "full"} */ plan) => change({ plan }),
  run,
  cancel: () => controller.abort(new DOMException("cancelled on the page", "AbortError")),
};

root.replaceChildren();
change({});
