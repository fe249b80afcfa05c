// The Batch page: a file of rows, answered on this device.

import { render } from "lit/html.js";
import { BatchCrew } from "./batch/crew.js";
import { receiveFiles } from "./batch/receiving.js";
import { createBatch } from "./batch-actions.js";
import { lastRate } from "./batch-state.js";
import { showCosts } from "./costs-section.js";
import { openRelease } from "./foreshore.js";
import { readJson } from "./json-file.js";
import { batchPage } from "./views/batch/page.js";

const MOST_THREADS = 4;
const root = /** @type {HTMLElement} */ (document.querySelector("#app"));
const wanted = new URLSearchParams(location.search).get("pipeline") ?? "";
let base = "";
/** Of the pipeline whose costs are shown. @type {{ pipeline: string, refresh: () => void, done: number } | null} */
let costs = null;

const actions = createBatch({
  ...{ readJson, wanted, onChange: draw, save },
  openRelease: async () => {
    const opened = await openRelease();
    base = opened.base;
    return opened;
  },
  hireCrew: (release, base, listening) => new BatchCrew(release, base, listening),
  storage: { estimate, persist: async () => navigator.storage?.persist?.() },
  mostThreads: crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, MOST_THREADS) : 1,
  now_ms: () => performance.now(),
});

/** @param {import("./batch-state.js").BatchState} state */
function draw(state) {
  document.body.dataset.state = state.status;
  document.body.dataset.task = state.task.status;
  render(batchPage(state, { ...actions, choosePipeline }), root);
  if (state.status === "ready") drawCosts(state);
  keepFocus(state);
}

/** As drawn last. @type {{ status: string, given: unknown, jobs: number }} */
let drawn = { status: "idle", given: null, jobs: 0 };
/** Whether what had the focus last was inside. */
let wasInside = false;
document.addEventListener("focusin", ({ target }) => {
  wasInside = root.contains(/** @type {Node} */ (target));
});

/**
 * The button that was pressed, or the file that was chosen with, is gone now; whoever did so is led to what came of it.
 *
 * @param {import("./batch-state.js").BatchState} state
 */
function keepFocus({ task, given, jobs }) {
  const now = { status: task.status, given, jobs: jobs.length };
  const place = outcomeOf(drawn, now);
  drawn = now;
  if (place !== null && wasInside && document.activeElement === document.body)
    /** @type {HTMLElement | null} */ (root.querySelector(place))?.focus();
}

/**
 * @param {typeof drawn} before
 * @param {typeof drawn} now
 */
function outcomeOf(before, now) {
  if (now.status !== before.status) return "#job-title";
  if (now.given !== before.given) return now.given === null ? "[type=file]" : "#columns-title";
  return now.jobs < before.jobs ? "#jobs-title" : null;
}

/**
 * What batch costs against online, below the page's own matters: made anew for another pipeline, told of jobs that ended.
 *
 * @param {import("./batch-state.js").BatchState} state
 */
function drawCosts({ pipelines, pipeline, offer, jobs }) {
  const done = jobs.filter(({ status }) => status === "done").length;
  if (costs?.pipeline === pipeline) {
    if (costs.done !== done) costs.refresh();
    costs.done = done;
    return;
  }
  const place = /** @type {HTMLElement} */ (document.querySelector("#costs"));
  const section = document.createElement("div");
  place.replaceChildren(section);
  place.hidden = !offer?.golden || pipelines.some(({ name, images }) => name === pipeline && images.length > 0);
  costs = { pipeline, refresh: () => {}, done };
  if (place.hidden || !offer) return;
  const { variants, default_variant } = offer;
  const about = { name: pipeline, variants, default_variant, golden: base + offer.golden };
  const lastJob = (/** @type {string} */ variant) => lastRate(actions.state(), variant);
  costs.refresh = showCosts(section, about, lastJob).refresh;
}

/** @param {string} pipeline */
function choosePipeline(pipeline) {
  history.replaceState(null, "", `?pipeline=${encodeURIComponent(pipeline)}`);
  actions.choosePipeline(pipeline);
}

/** What is stored here, as far as the browser tells. */
async function estimate() {
  if (!navigator.storage?.estimate) return null;
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  return { usage_bytes: usage, quota_bytes: quota, persisted: await navigator.storage.persisted() };
}

/**
 * @param {Blob} file
 * @param {string} name
 */
function save(file, name) {
  const href = URL.createObjectURL(file);
  Object.assign(document.createElement("a"), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

receiveFiles(document, actions.give);
// Another tab may have taken a job further, ended or deleted it.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && actions.state().status === "ready") actions.refresh().catch(() => {});
});

root.replaceChildren();
actions.begin();
