/** One run of the benchmark on this page, from the release to the report. */

import { openRelease } from "../app/foreshore.js";
import { threadsToUse } from "../app/runtime/support.js";
import { pipelineOf } from "../shared/release.js";
import { describeDevice } from "./contenders/device.js";
import { downloadAll } from "./contenders/downloads.js";
import { goldenCases } from "./contenders/golden.js";
import { lineup, PLAIN, publicApiId } from "./contenders/lineup.js";
import { timeWindows } from "./contenders/windows.js";
import { runBenchmark } from "./measure/benchmark.js";
import { publicApi } from "./measure/report.js";
import { PIPELINES } from "./plain/pipelines.js";

/**
 * @typedef {import("./contenders/lineup.js").Ground} Ground
 * @typedef {import("./measure/plan.js").Extent} Extent
 * @typedef {import("./measure/report.js").Environment} Environment
 * @typedef {import("./measure/report.js").PipelineReport} PipelineReport
 * @typedef {import("./measure/report.js").Report} Report
 *
 * @typedef {object} Course
 * @property {AbortSignal} signal
 * @property {(fraction: number, phase: string) => void} onProgress
 */

/** What the windows take of a pipeline's share of the progress bar, at its end. */
const WINDOWS_SHARE = 0.1;
const now = () => performance.now();

/** @returns {Promise<{name: string, title: string}[]>} The release's pipelines that somebody has written by hand as well. */
export async function measurable() {
  const { release } = await openRelease();
  const offered = Object.entries(release.pipelines).filter(([name]) => Object.hasOwn(PIPELINES, name));
  return offered.map(([name, { contract }]) => ({ name, title: contract.title }));
}

/**
 * @param {Extent} extent
 * @param {readonly string[]} names Of the pipelines.
 * @param {Course} course
 * @returns {Promise<Report>}
 */
export async function measure(extent, names, { signal, onProgress }) {
  const started = now();
  const { release, base } = await openRelease({ signal });
  const environment = await describeDevice();
  const here = { release, base, threads: threadsToUse(undefined), webgpu: environment.webgpu !== "" };
  /** @type {PipelineReport[]} */
  const pipelines = [];
  for (const [i, pipeline] of names.entries()) {
    const tell = (/** @type {number} */ fraction, /** @type {string} */ phase) =>
      onProgress((i + fraction) / names.length, `${pipelineOf(release, pipeline).contract.title}: ${phase}`);
    pipelines.push(await measurePipeline({ ...here, pipeline }, extent, environment, { signal, onProgress: tell }));
  }
  return {
    ...{ format: 2, release: release.id, created: new Date().toISOString() },
    duration_s: Number(((now() - started) / 1000).toFixed(1)),
    ...{ extent, environment, pipelines },
  };
}

/**
 * @param {Ground} ground
 * @param {Extent} extent
 * @param {Environment} environment
 * @param {Course} course
 * @returns {Promise<PipelineReport>}
 */
async function measurePipeline(ground, extent, { clock_tick_ms }, { signal, onProgress }) {
  const { plans, noun, target_ms } = PIPELINES[ground.pipeline];
  const plan = plans[extent];
  const share = plan.windows === null ? 0 : WINDOWS_SHARE;
  const { records, answers } = await goldenCases(ground, signal);
  const contenders = await runBenchmark(lineup(ground), {
    ...{ plan, records, golden: answers, baseline: PLAIN, download: downloadAll, signal },
    clock: { now, tick_ms: clock_tick_ms },
    onProgress: (fraction, phase) => onProgress((1 - share) * fraction, phase),
  });
  const windows = await timeWindows(ground, plan.windows, {
    ...{ now, signal },
    onProgress: (fraction) => onProgress(1 - share * (1 - fraction), "Letting news pass through the windows"),
  });
  const { title } = pipelineOf(ground.release, ground.pipeline).contract;
  const api = publicApi(contenders, publicApiId(ground), target_ms);
  return { pipeline: ground.pipeline, title, noun, plan, public_api: api, contenders, windows };
}
