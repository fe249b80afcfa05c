// The Compression page: what each variant costs and gains, as recorded and on this device.

import { render } from "lit/html.js";
import { describeDevice } from "../bench/contenders/device.js";
import { compressedOf, loadMaterial, loadStudies } from "./compression/material.js";
import { measureHere } from "./compression/measuring.js";
import { createCompression } from "./compression-actions.js";
import { openRelease } from "./foreshore.js";
import { compressionPage } from "./views/compression/page.js";

const MOST_THREADS = 4;
const root = /** @type {HTMLElement} */ (document.querySelector("#app"));
const wanted = new URLSearchParams(location.search).get("pipeline") ?? "";

const actions = createCompression({
  ...{ openRelease, compressedOf, loadMaterial, loadStudies, measure: measureHere, wanted, onChange: draw },
  describe: async () => {
    const { isolated, cores, webgpu } = await describeDevice();
    return { isolated, threads: isolated ? Math.min(cores, MOST_THREADS) : 1, webgpu };
  },
});

/** @param {import("./compression-state.js").CompressionState} state */
function draw(state) {
  document.body.dataset.state = state.task.status === "running" ? "running" : state.status;
  render(compressionPage(state, { ...actions, show }), root);
  keepFocus(state);
}

/** @param {string} pipeline */
async function show(pipeline) {
  history.replaceState(null, "", `?pipeline=${encodeURIComponent(pipeline)}`);
  await actions.show(pipeline);
}

/** The button that measuring began with, where that or the one to cancel had the focus last. */
let begun = "";
/** Of measuring, as drawn last. */
let status = "idle";
root.addEventListener("focusin", ({ target }) => {
  const id = /** @type {HTMLElement} */ (target).dataset.testid ?? "";
  if (id !== "cancel") begun = id.startsWith("measure-") ? id : "";
});

/**
 * The button that had the focus may be gone now; it goes on to the one that takes its place, and at the end comes back.
 *
 * @param {import("./compression-state.js").CompressionState} state
 */
function keepFocus({ task }) {
  const changed = task.status !== status;
  status = task.status;
  if (!changed || document.activeElement !== document.body || begun === "") return;
  const next = task.status === "running" ? "cancel" : begun;
  /** @type {HTMLElement | null} */ (root.querySelector(`[data-testid=${next}]`))?.focus();
}

root.replaceChildren();
actions.begin();
