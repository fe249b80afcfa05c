/** The windows behind the public API, and the release's own events for them. */

import { open } from "../../app/foreshore.js";
import { feedOf } from "../../app/live/feed.js";
import { openSamples } from "../../app/samples.js";
import { pipelineOf } from "../../shared/release.js";
import { measureWindows } from "../measure/windows.js";

/**
 * @typedef {import("../measure/plan.js").WindowsPlan} WindowsPlan
 * @typedef {import("../measure/windows.js").WindowsResult} WindowsResult
 */

/**
 * @param {{release: import("../../shared/release.js").Release, base: string, pipeline: string}} ground
 * @param {WindowsPlan | null} plan
 * @param {object} options
 * @param {() => number} options.now
 * @param {AbortSignal} options.signal
 * @param {(fraction: number) => void} options.onProgress
 * @returns {Promise<WindowsResult | null>} Null where there is no plan, or the release has no windows or no events.
 */
export async function timeWindows({ release, base, pipeline }, plan, options) {
  const { view, samples } = pipelineOf(release, pipeline);
  if (!plan || !view || !samples) return null;
  const events = await eventsOf(base + samples, plan.days);
  const predictor = await open(pipeline, { engine: "python", signal: options.signal });
  try {
    return await measureWindows(predictor, events, plan, options);
  } finally {
    await predictor.close();
  }
}

/**
 * @param {string} folder URL, with a slash at its end.
 * @param {number} count Of days, from the first on.
 */
async function eventsOf(folder, count) {
  const samples = openSamples(folder);
  const days = (await samples.days()).slice(0, count);
  return feedOf(await Promise.all(days.map(samples.events)));
}
