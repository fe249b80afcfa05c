/**
 * The whole measurement: compare answers, start afresh several times, then time the steady state, always in
 * interleaved rounds. Who fails or disagrees drops out with a reason; the others go on.
 */

import { compare } from "./agreement.js";
import { batchSizes, repeated } from "./plan.js";
import { interleave } from "./rounds.js";
import { describeStartup, firstCalls } from "./startup.js";
import { calibrate, describeSteadyState, takeTurn } from "./steady.js";

/**
 * @typedef {import("./agreement.js").Agreement} Agreement
 * @typedef {import("./answer.js").Answer} Answer
 * @typedef {import("./contender.js").Contender} Contender
 * @typedef {import("./contender.js").InputRecord} InputRecord
 * @typedef {import("./contender.js").Session} Session
 * @typedef {import("./plan.js").Plan} Plan
 * @typedef {import("./startup.js").Start} Start
 * @typedef {import("./startup.js").Startup} Startup
 * @typedef {import("./steady.js").SteadyState} SteadyState
 * @typedef {import("./steady.js").Turn} Turn
 *
 * @typedef {{files: number, transferred_bytes: number, decoded_bytes: number, download_ms: number}} Downloaded
 *
 * @typedef {object} Setting
 * @property {Plan} plan
 * @property {readonly InputRecord[]} records The golden cases' inputs.
 * @property {ArrayLike<Answer>} golden Their recorded answers.
 * @property {string} baseline Id of the contender that ratios refer to.
 * @property {(urls: string[], signal?: AbortSignal) => Promise<Downloaded>} download Past the browser's cache.
 * @property {{now: () => number, tick_ms: number}} clock
 * @property {AbortSignal} [signal]
 * @property {(fraction: number, phase: string) => void} [onProgress]
 *
 * @typedef {object} Result
 * @property {string} id
 * @property {string} label
 * @property {string} engine
 * @property {string} variant
 * @property {string} provider
 * @property {number} threads
 * @property {"measured" | "disagrees" | "failed"} status
 * @property {string} message Why it was not measured.
 * @property {Agreement[]} agreements
 * @property {Startup | null} startup
 * @property {SteadyState[]} steady
 *
 * @typedef {object} Entrant A contender on its way through.
 * @property {Contender} contender
 * @property {Result} result
 * @property {Session | null} session
 */

/** How the phases share the progress bar; roughly their durations. */
const SHARES = { comparing: 0.15, starting: 0.35, steady: 0.5 };

/**
 * @param {readonly Contender[]} contenders Whoever serves as a reference stands before those that refer to it.
 * @param {Setting} setting
 * @returns {Promise<Result[]>} In the same order.
 */
export async function runBenchmark(contenders, setting) {
  const entrants = contenders.map(enter);
  try {
    await compareAnswers(entrants, setting);
    await startAfresh(entrants, setting);
    const batches = batchSizes(setting.plan);
    for (const [i, batch] of batches.entries()) await timeSteadyState(entrants, batch, i / batches.length, setting);
  } finally {
    await Promise.all(entrants.map(leave));
  }
  return entrants.map(({ result }) => result);
}

/**
 * @param {Contender} contender
 * @returns {Entrant}
 */
function enter(contender) {
  const { id, label, engine, variant, provider, threads } = contender;
  return {
    contender,
    session: null,
    result: {
      ...{ id, label, engine, variant, provider, threads },
      ...{ status: "measured", message: "", agreements: [], startup: null, steady: [] },
    },
  };
}

/** @param {Entrant} entrant */
async function leave(entrant) {
  const session = entrant.session;
  entrant.session = null;
  await session?.close();
}

/** @param {Entrant[]} entrants */
function remaining(entrants) {
  return entrants.filter(({ result }) => result.status === "measured");
}

/**
 * Runs a step for one entrant; its failure is its own affair, being cancelled is everybody's.
 *
 * @template T
 * @param {Entrant} entrant
 * @param {AbortSignal | undefined} signal
 * @param {() => Promise<T>} step
 * @returns {Promise<T | null>} Null where it failed, now or before.
 */
async function attempt(entrant, signal, step) {
  if (entrant.result.status !== "measured") return null;
  try {
    return await step();
  } catch (error) {
    signal?.throwIfAborted();
    entrant.result.status = "failed";
    entrant.result.message = error instanceof Error ? error.message : String(error);
    await leave(entrant).catch(() => {});
    return null;
  }
}

/**
 * @param {Entrant[]} entrants
 * @param {Setting} setting
 */
async function compareAnswers(entrants, { records, golden, signal, onProgress }) {
  /** @type {Map<string, ArrayLike<Answer>>} */
  const answers = new Map([["golden", golden]]);
  for (const [i, entrant] of entrants.entries()) {
    signal?.throwIfAborted();
    onProgress?.((SHARES.comparing * i) / entrants.length, `Comparing answers: ${entrant.contender.label}`);
    await attempt(entrant, signal, async () => {
      entrant.session = await entrant.contender.open(signal);
      const given = (await entrant.session.predict(records)).answers;
      await leave(entrant);
      answers.set(entrant.contender.id, given);
      judge(entrant, given, answers);
    });
  }
}

/**
 * @param {Entrant} entrant
 * @param {ArrayLike<Answer>} given
 * @param {Map<string, ArrayLike<Answer>>} answers
 */
function judge({ contender, result }, given, answers) {
  for (const expectation of contender.expectations) {
    const expected = answers.get(expectation.reference);
    if (!expected) throw new Error(`${expectation.reference} gave no answers to compare with`);
    const agreement = compare(given, expected, expectation);
    result.agreements.push(agreement);
    if (agreement.agrees) continue;
    result.status = "disagrees";
    result.message = agreement.message;
  }
}

/**
 * @param {Entrant[]} entrants
 * @param {Setting} setting
 */
async function startAfresh(entrants, setting) {
  const { plan, signal, onProgress } = setting;
  const starters = remaining(entrants);
  /** @type {Map<Entrant, Downloaded>} */
  const sizes = new Map();
  const tell = (/** @type {number} */ done, /** @type {number} */ total) =>
    onProgress?.(SHARES.comparing + (SHARES.starting * done) / total, `Starting afresh: ${done} of ${total}`);
  tell(0, 1);
  const starts = await interleave(
    starters,
    (entrant) => attempt(entrant, signal, () => startOnce(entrant, setting, sizes)),
    { rounds: plan.starts, signal, onTurn: tell },
  );
  for (const [i, entrant] of starters.entries()) {
    const downloaded = sizes.get(entrant);
    const { files = 0, transferred_bytes = 0, decoded_bytes = 0 } = downloaded ?? {};
    if (entrant.result.status === "measured")
      entrant.result.startup = describeStartup(present(starts[i]), { files, transferred_bytes, decoded_bytes });
  }
}

/**
 * @param {Entrant} entrant Left open: the session of the last start serves for the steady state.
 * @param {Setting} setting
 * @param {Map<Entrant, Downloaded>} sizes
 * @returns {Promise<Start>}
 */
async function startOnce(entrant, { plan, records, download, clock, signal }, sizes) {
  await leave(entrant);
  const downloaded = await download(entrant.contender.urls, signal);
  sizes.set(entrant, downloaded);
  const start = clock.now();
  entrant.session = await entrant.contender.open(signal);
  const instantiate_ms = clock.now() - start;
  const calls_ms = await firstCalls(entrant.session, records, plan.warm_up_calls, clock.now);
  return { download_ms: downloaded.download_ms, instantiate_ms, phases_ms: entrant.session.phases, calls_ms };
}

/**
 * @param {Entrant[]} entrants
 * @param {number} batch
 * @param {number} before Share of the batch sizes that are done.
 * @param {Setting} setting
 */
async function timeSteadyState(entrants, batch, before, { plan, records, baseline, clock, signal, onProgress }) {
  const input = repeated(records, batch);
  const samples = plan.samples_per_turn[batch];
  const runners = remaining(entrants);
  const tell = (/** @type {number} */ done, /** @type {number} */ total) =>
    onProgress?.(
      SHARES.comparing + SHARES.starting + SHARES.steady * (before + done / total / batchSizes(plan).length),
      `Timing batches of ${batch}: turn ${done} of ${total}`,
    );
  /** @type {Map<Entrant, number>} */
  const calls = new Map();
  for (const runner of runners)
    await attempt(runner, signal, async () => calls.set(runner, await calibrate(sessionOf(runner), input, clock)));
  const turns = await interleave(
    runners,
    (runner) =>
      attempt(runner, signal, () =>
        takeTurn(sessionOf(runner), input, { samples, calls: calls.get(runner) ?? 1, now: clock.now }),
      ),
    { rounds: plan.rounds, signal, onTurn: tell },
  );
  const base = runners.findIndex(({ contender, result }) => contender.id === baseline && result.status === "measured");
  for (const [i, { result }] of runners.entries()) {
    if (result.status !== "measured") continue;
    const settings = { batch, calls: calls.get(runners[i]) ?? 1, samples };
    result.steady.push(describeSteadyState(present(turns[i]), base < 0 ? null : present(turns[base]), settings));
  }
}

/** @param {Entrant} entrant */
function sessionOf({ session, contender }) {
  if (session === null) throw new Error(`${contender.id} is not open`);
  return session;
}

/**
 * @template T
 * @param {(T | null)[]} list
 * @returns {T[]}
 */
function present(list) {
  return list.filter((item) => item !== null);
}
