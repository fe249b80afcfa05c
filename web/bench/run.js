/** One run of the benchmark on this page, from the release to the report. */

import { openRelease } from "../app/foreshore.js";
import { threadsToUse } from "../app/runtime/support.js";
import { download, parseJson } from "../shared/download.js";
import { ForeshoreError } from "../shared/errors.js";
import { pipelineOf, wantedFile } from "../shared/release.js";
import { describeDevice } from "./contenders/device.js";
import { downloadAll } from "./contenders/downloads.js";
import { lineup, PLAIN, publicApiId } from "./contenders/lineup.js";
import { timeWindows } from "./contenders/windows.js";
import { runBenchmark } from "./measure/benchmark.js";
import { publicApi } from "./measure/report.js";

/**
 * @typedef {import("./measure/contender.js").FlightRecord} FlightRecord
 * @typedef {import("./measure/plan.js").Plan} Plan
 * @typedef {import("./measure/report.js").Report} Report
 * @typedef {{records: FlightRecord[], outputs: Record<string, number>[]}} Golden
 */

const PIPELINE = "eta";
/** What the windows take of the progress bar, at its end. */
const WINDOWS_SHARE = 0.1;
const now = () => performance.now();

/**
 * @param {Plan} plan
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {(fraction: number, phase: string) => void} options.onProgress
 * @returns {Promise<Report>}
 */
export async function measure(plan, { signal, onProgress }) {
  const started = now();
  const { release, base } = await openRelease({ signal });
  const environment = await describeDevice();
  const { records, answers } = await goldenCases(release, base, signal);
  const webgpu = environment.webgpu !== "";
  const ground = { release, base, pipeline: PIPELINE, threads: threadsToUse(undefined), webgpu };
  const contenders = await runBenchmark(lineup(ground), {
    ...{ plan, records, golden: answers, baseline: PLAIN, download: downloadAll, signal },
    clock: { now, tick_ms: environment.clock_tick_ms },
    onProgress: (fraction, phase) => onProgress((1 - WINDOWS_SHARE) * fraction, phase),
  });
  const windows = await timeWindows(ground, plan.windows, {
    ...{ now, signal },
    onProgress: (fraction) => onProgress(1 - WINDOWS_SHARE * (1 - fraction), "Letting news pass through the windows"),
  });
  return {
    format: 1,
    pipeline: PIPELINE,
    release: release.id,
    created: new Date().toISOString(),
    duration_s: Number(((now() - started) / 1000).toFixed(1)),
    ...{ plan, environment, public_api: publicApi(contenders, publicApiId(ground)), contenders, windows },
  };
}

/**
 * @param {import("../shared/release.js").Release} release
 * @param {string} base
 * @param {AbortSignal} signal
 * @returns {Promise<{records: FlightRecord[], answers: number[]}>}
 */
async function goldenCases(release, base, signal) {
  const { golden, contract } = pipelineOf(release, PIPELINE);
  if (!golden)
    throw new ForeshoreError("artefact", `release ${release.id} holds no golden cases of ${PIPELINE}; build it anew`);
  const wanted = wantedFile(release, golden, base);
  const { records, outputs } = /** @type {Golden} */ (
    parseJson(await download(wanted, globalThis, { signal }), wanted.url, globalThis)
  );
  return { records, answers: outputs.map((output) => output[contract.outputs[0].name]) };
}
