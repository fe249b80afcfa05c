/**
 * Foreshore's public API: machine-learning pipelines written in Python, run on the visitor's device.
 *
 * ```js
 * import { open } from "./foreshore.js";
 * const eta = await open("eta", { onProgress });
 * const answer = await eta.predict(record);
 * for await (const { start, answers } of eta.predictMany(rows)) { … }
 * const { answers, context, intake } = await eta.follow(events, records);
 * const looked = await eta.lookup(record); // with `open("eta", { consent: true })`
 * await eta.close();
 * ```
 */

import { download, downloadJson, parseJson } from "../shared/download.js";
import { asForeshoreError, ForeshoreError } from "../shared/errors.js";
import { Progress } from "../shared/progress.js";
import { asChannel, asRelease, CHANNEL } from "../shared/release.js";
import { agreement } from "./runtime/cloud.js";
import { Context } from "./runtime/context.js";
import { Crew } from "./runtime/crew.js";
import { openedBy } from "./runtime/opening.js";
import { planned } from "./runtime/plan.js";
import { Predictor } from "./runtime/predictor.js";
import { checkBrowser, siteRoot } from "./runtime/support.js";
import { now_ms, timingsSince } from "./runtime/timings.js";

export { ForeshoreError, Predictor };

/**
 * @typedef {import("../shared/errors.js").ErrorKind} ErrorKind
 * @typedef {import("../shared/errors.js").Problem} Problem
 * @typedef {import("../shared/progress.js").OnProgress} OnProgress
 * @typedef {import("../shared/protocol.js").Spans} Spans
 * @typedef {import("../shared/release.js").Contract} Contract
 * @typedef {import("../shared/release.js").Pipeline} Pipeline
 * @typedef {import("../shared/release.js").Release} Release
 * @typedef {import("../shared/release.js").Variant} Variant
 * @typedef {import("../shared/release.js").View} View
 * @typedef {import("./runtime/predictor.js").Answer} Answer
 * @typedef {import("./runtime/predictor.js").Event} Event
 * @typedef {import("./runtime/predictor.js").Followed} Followed
 * @typedef {import("./runtime/predictor.js").Intake} Intake
 * @typedef {import("./runtime/predictor.js").Looked} Looked
 * @typedef {import("./runtime/predictor.js").Outputs} Outputs
 * @typedef {import("./runtime/predictor.js").Stored} Stored
 * @typedef {import("./runtime/timings.js").Timings} Timings
 *
 * @typedef {object} ReleaseOptions
 * @property {string | URL} [base] Root of the site that holds the release, on the page's own origin. By default the one
 *   that this module came from.
 * @property {AbortSignal} [signal]
 *
 * @typedef {object} OwnOptions
 * @property {"auto" | "graph" | "python" | "cloud"} [engine] How the pipeline runs. "python": Python checks, prepares and decodes,
 *   ONNX Runtime runs the model. "graph": the features, lowered from the same Python, and the model are one graph in ONNX
 *   Runtime, and no Python is downloaded. "auto", the default: the graph where the pipeline lowers, else Python. "cloud": the
 *   server of this site answers, and the device, as with "auto", where that cannot.
 * @property {boolean | (() => boolean)} [consent] Whether the visitor has agreed that records leave the device, for the server of this
 *   site; a function is asked each time before anything is sent. With it the server answers where the device can't, and `lookup`
 *   asks it. The engine "cloud" takes it for granted, and is refused without.
 * @property {string} [variant] The model's compressed form; by default the one that the release recommends.
 * @property {number} [threads] Threads for the model; by default the number of cores, 4 at most. Without cross-origin
 *   isolation it is 1 whatever is asked for.
 * @property {"wasm" | "webgpu"} [provider] What runs the model. "wasm" by default.
 * @property {readonly string[]} [wheels] URLs, on the page's own origin, of pure-Python wheels to install before the
 *   pipeline is imported.
 * @property {OnProgress} [onProgress] Told one fraction from 0 to 1 that never falls, with what moved last.
 * @typedef {ReleaseOptions & OwnOptions} OpenOptions
 *
 * @typedef {object} Offer A pipeline of the release.
 * @property {string} name For `open`.
 * @property {string} release The release's id.
 * @property {Contract} contract
 * @property {Variant[]} variants
 * @property {string} default_variant
 * @property {string | null} card URL of its card (JSON): data, metrics, limits.
 * @property {string | null} golden URL of recorded inputs and outputs (JSON).
 * @property {string | null} verification URL of the report that every execution agrees (JSON).
 * @property {string | null} samples URL of a folder of sample inputs.
 * @property {View | null} view What fills the contract's context; null where it has none.
 * @property {readonly string[]} server What the site's server does for pages: "predict" answers records, "lookup" finds answers that it
 *   computed ahead. Empty where the site has no such server.
 */

/** What each part of opening takes of the whole, roughly in milliseconds of a fast connection. */
const WEIGHTS = {
  release: 50,
  python_download: 900,
  python_start: 900,
  python_packages: 500,
  pipeline: 400,
  model_download: 400,
  model_start: 300,
  model_warm_up: 20,
};

/** The header in which the site's server says, with the channel, what it does for pages; a static host says nothing. */
const OFFERS = "Foreshore-Offers";

const PYTHON_PARTS = ["python_download", "python_start", "python_packages", "pipeline"];

/**
 * Open a pipeline: download what it needs, start Python and the model, and make ready for predictions.
 *
 * The policy of who answers: this device, whatever the engine, and the site's server only where the device can't (the pipeline could
 * not be opened here, or does not run) and the visitor agreed (`consent`); with the engine "cloud" the server, and the device where
 * that does not answer. Without consent nothing is sent to anybody. Each answer says what gave it.
 *
 * @param {string} name Such as "eta"; `list` gives them all.
 * @param {OpenOptions} [options]
 * @returns {Promise<Predictor>}
 * @throws {ForeshoreError} "validation" for a wrong option or an unknown pipeline, "unsupported" where the browser lacks
 *   WebAssembly, "network", "artefact" where a file is not the one that was released, "model", "cancelled".
 */
export async function open(name, options = {}) {
  const asked_ms = now_ms();
  if (!agreement(options.consent)) checkBrowser(); // before anything is downloaded in vain
  const progress = new Progress(WEIGHTS, options.onProgress);
  const { release, base } = await openRelease(options);
  progress.done("release");
  const plan = planned(release, base, name, options);
  if (!plan.python) progress.drop(PYTHON_PARTS);
  const released = { start_ms: asked_ms, end_ms: now_ms() };
  const isExpendable = () => plan.cloud !== null && !(plan.python && context.isTold);
  const crew = new Crew((notice) => progress.take(notice), isExpendable);
  const context = new Context(crew, plan);
  const { signal, forget } = relayed(options.signal);
  try {
    const { engine, about, contract, spans, server } = await openedBy(plan, crew, globalThis, signal);
    const all = { release: released, ...spans, total: { start_ms: asked_ms, end_ms: now_ms() } };
    progress.finish();
    return new Predictor(crew, engine, context, about, contract, plan.variants, timingsSince(asked_ms, all), server);
  } catch (error) {
    const failure = asForeshoreError(error);
    crew.end(failure);
    throw failure;
  } finally {
    forget();
  }
}

/**
 * A caller's signal for the time of opening: a device that is still being opened in the background after that goes on.
 *
 * @param {AbortSignal} [signal]
 */
function relayed(signal) {
  const relay = new AbortController();
  const stop = () => relay.abort(signal?.reason);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  return { signal: relay.signal, forget: () => signal?.removeEventListener("abort", stop) };
}

/**
 * The pipelines of the current release.
 *
 * @param {ReleaseOptions} [options]
 * @returns {Promise<Offer[]>}
 * @throws {ForeshoreError} "network", "artefact", "cancelled".
 */
export async function list(options = {}) {
  const { release, base, server } = await openRelease(options);
  const url = (/** @type {string | undefined} */ path) => (path === undefined ? null : base + path);
  return Object.entries(release.pipelines).map(
    ([name, { contract, variants, default_variant, card, golden, samples, verification, view = null }]) => ({
      name,
      release: release.id,
      contract,
      variants,
      default_variant,
      card: url(card),
      golden: url(golden),
      verification: url(verification),
      samples: url(samples),
      view,
      server,
    }),
  );
}

/**
 * The manifest of the current release, checked against the channel's hash.
 *
 * @param {ReleaseOptions} [options]
 * @returns {Promise<{release: Release, base: string, server: readonly string[]}>} `base`: URL of the site's root, to which the
 *   manifest's paths are relative; `server`: as in `Offer`.
 * @throws {ForeshoreError} "network", "artefact", "cancelled".
 */
export async function openRelease({ base, signal } = {}) {
  const root = siteRoot(base);
  /** @type {readonly string[]} */
  let server = [];
  const onReply = (/** @type {import("../shared/platform.js").Reply} */ { headers }) => {
    server = (headers.get(OFFERS) ?? "").split(/[\s,]+/).filter(Boolean);
  };
  const channel = asChannel(await downloadJson(root + CHANNEL, globalThis, { signal, onReply }), root + CHANNEL);
  const wanted = { url: root + channel.manifest, sha256: channel.sha256, size_bytes: null };
  const bytes = await download(wanted, globalThis, { signal });
  return { release: asRelease(parseJson(bytes, wanted.url, globalThis), wanted.url), base: root, server };
}
