/**
 * Variants of a model against each other, in one run: each in a worker of its own, all of them taking turns in shuffled
 * rounds, each compared with the first one in the same round. Nothing here knows a page.
 *
 * One batch size a run, in a fresh process: a browser compiles hot code for what it has seen, all workers of a process share
 * that code, and it matters. After batches of 1, Chromium 156 ran a float32 network of dense layers 2.8 times slower at a
 * batch of 256 than in a fresh process, seven times out of eight; with `--js-flags=--no-wasm-deopt`, never.
 */

import { callsPerSample } from "../measure/rounds.js";
import { median, pairedRatio, seededRandom, summarize } from "../measure/statistics.js";
import { batchOf } from "./batches.js";
import { shuffledRounds } from "./rounds.js";

/**
 * @typedef {import("../../shared/protocol.js").Memory} Memory
 * @typedef {import("../../shared/protocol.js").Tensors} Tensors
 * @typedef {import("../measure/statistics.js").Summary} Summary
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./session.js").Turn} Turn
 *
 * @typedef {{name: string, open: () => Promise<Session>}} Variant
 *
 * @typedef {object} Plan
 * @property {number} loads Fresh starts of each model.
 * @property {number} rounds In which each takes one turn.
 * @property {number} turn_ms What a turn should last; a model that takes longer runs once.
 * @property {number} warm_up_ms What each model runs uncounted at least, so that the browser compiles what is hot; above 0.
 * @property {number} rest_ms Before each turn: the threads of the one before spin on for a while.
 * @property {number} seed Of the orders.
 *
 * @typedef {object} Setting
 * @property {Plan} plan
 * @property {number} batch Rows a run.
 * @property {Tensors} rows Sample inputs; the batch repeats them.
 * @property {number} tick_ms The clock's resolution.
 * @property {(delay_ms: number) => Promise<void>} rest
 * @property {AbortSignal} [signal]
 * @property {(fraction: number, name: string, doing: string) => unknown} [onStep] Told before each step, which waits for what it gives.
 *
 * @typedef {object} Measured
 * @property {string} name
 * @property {Summary} runtime_start_ms What the runtime took to start, before the model was there.
 * @property {Summary} load_ms What the model took after that.
 * @property {{runtime: Memory, loaded: Memory, peak: Memory}} memory Without the model, with it, and at the end.
 * @property {Turn} turn
 * @property {Summary} time_ms Of a run, over all samples.
 * @property {number[]} rounds_ms The median of each round.
 * @property {Summary} ratio Of these to the first model's in the same rounds.
 * @property {Tensors} outputs
 *
 * @typedef {{loads: number[][], rounds: number[][]}} Orders Which model went when, by place: fresh starts, then turns.
 *
 * @typedef {{models: Measured[], orders: Orders}} Measurement
 */

/** More samples in a turn tell nothing that more rounds would not tell better. */
const MOST_SAMPLES = 20;
const CALIBRATION_SAMPLES = 9;
/** A run of so many turns' length hardly notices who had the caches before it. */
const LONG_TURNS = 5;

/** A failure, and whose it is. */
export class VariantFailure extends Error {
  /**
   * @param {string} variant
   * @param {string} doing
   * @param {unknown} cause
   */
  constructor(variant, doing, cause) {
    super(`${variant}, ${doing}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    this.name = "VariantFailure";
    this.variant = variant;
  }
}

/**
 * @param {readonly Variant[]} variants The first is what the others are compared with.
 * @param {Setting} setting
 * @returns {Promise<Measurement>} Models in the same order.
 * @throws {VariantFailure}
 */
export async function measureVariants(variants, setting) {
  const measuring = new Measuring(variants, setting);
  try {
    return await measuring.all();
  } finally {
    measuring.close();
  }
}

class Measuring {
  #variants;
  #setting;
  #random;
  #done = 0;
  /** @type {(Session | null)[]} */
  #sessions;

  /**
   * @param {readonly Variant[]} variants
   * @param {Setting} setting
   */
  constructor(variants, setting) {
    this.#variants = variants;
    this.#setting = setting;
    this.#random = seededRandom(setting.plan.seed);
    this.#sessions = variants.map(() => null);
  }

  close() {
    for (const place of this.#sessions.keys()) this.#leave(place);
  }

  /** @returns {Promise<Measurement>} */
  async all() {
    const loads = await this.#loads();
    const { outputs, turns } = await this.#warmUps();
    const { orders, samples } = await this.#rounds(turns);
    const rounds_ms = samples.map((rounds) => rounds.map(median));
    const models = [];
    for (const [place, { name }] of this.#variants.entries())
      models.push({
        name,
        ...describeLoads(loads.samples[place], await this.#step(place, "weighing", (session) => session.weigh())),
        ...{ turn: turns[place], time_ms: summarize(samples[place].flat()), rounds_ms: rounds_ms[place] },
        ratio: pairedRatio(rounds_ms[place], rounds_ms[0]),
        outputs: outputs[place],
      });
    return { models, orders: { loads: loads.orders, rounds: orders } };
  }

  /** Every model in a fresh worker, several times; the last ones stay open. */
  async #loads() {
    await this.#open(0); // uncounted: the browser has the runtime to compile, once for all workers
    return shuffledRounds(this.#variants.length, this.#setting.plan.loads, this.#random, (place) => this.#open(place));
  }

  /**
   * @param {number} place
   * @returns {Promise<Session>}
   */
  #open(place) {
    return this.#step(place, "loading", async () => {
      this.#leave(place);
      const session = await this.#variants[place].open();
      this.#sessions[place] = session;
      return session;
    });
  }

  /** @param {number} place */
  #leave(place) {
    this.#sessions[place]?.close();
    this.#sessions[place] = null;
  }

  async #warmUps() {
    const feeds = batchOf(this.#setting.rows, this.#setting.batch);
    const outputs = [];
    /** @type {Turn[]} */
    const turns = [];
    for (const place of this.#variants.keys()) {
      outputs.push(await this.#step(place, "running", (session) => session.feed(feeds)));
      turns.push(await this.#step(place, "warming up", (session) => this.#calibrate(session)));
    }
    return { outputs, turns };
  }

  /** @param {readonly Turn[]} turns By model. */
  #rounds(turns) {
    const { rounds, rest_ms } = this.#setting.plan;
    return shuffledRounds(this.#variants.length, rounds, this.#random, (place) =>
      this.#step(place, "timing", async (session) => {
        await this.#setting.rest(rest_ms);
        return session.time(turns[place]);
      }),
    );
  }

  /**
   * Warms a model up, and finds how often it has to run in a turn.
   *
   * @param {Session} session
   * @returns {Promise<Turn>}
   */
  async #calibrate(session) {
    const { plan, tick_ms } = this.#setting;
    const rough_ms = await warmUp(session, plan.warm_up_ms);
    if (rough_ms > plan.turn_ms) return turnOf(rough_ms, plan.turn_ms, tick_ms);
    const calls = callsPerSample(rough_ms, tick_ms);
    const call_ms = median(await session.time({ warm_ups: 0, samples: CALIBRATION_SAMPLES, calls }));
    return turnOf(call_ms, plan.turn_ms, tick_ms);
  }

  /**
   * One step of one model; its failure carries its name.
   *
   * @template T
   * @param {number} place
   * @param {string} doing
   * @param {(session: Session) => Promise<T>} step
   * @returns {Promise<T>}
   */
  async #step(place, doing, step) {
    const { signal, onStep } = this.#setting;
    const { name } = this.#variants[place];
    signal?.throwIfAborted();
    await onStep?.(this.#done++ / this.#steps(), name, doing);
    try {
      return await step(/** @type {Session} */ (this.#sessions[place]));
    } catch (error) {
      signal?.throwIfAborted();
      throw new VariantFailure(name, doing, error);
    }
  }

  /** Steps in all: the uncounted loading; then for each model its loads, two to warm up, its turns, and its weighing. */
  #steps() {
    const { loads, rounds } = this.#setting.plan;
    return 1 + this.#variants.length * (loads + 2 + rounds + 1);
  }
}

/**
 * @param {Session[]} sessions One a load.
 * @param {Memory} weighed At the end. A page that was overwritten with zeros since the load does not show any more, but was touched.
 */
function describeLoads(sessions, weighed) {
  const { loaded } = sessions[0].memory;
  const peak = {
    size_bytes: Math.max(loaded.size_bytes, weighed.size_bytes),
    touched_bytes: Math.max(loaded.touched_bytes, weighed.touched_bytes),
  };
  return {
    runtime_start_ms: summarize(sessions.map(({ runtime_start_ms }) => runtime_start_ms)),
    load_ms: summarize(sessions.map(({ load_ms }) => load_ms)),
    memory: { ...sessions[0].memory, peak },
  };
}

/**
 * More and more runs at a time: the first ones, before anything is compiled, say little of the later ones.
 *
 * @param {Session} session
 * @param {number} warm_up_ms At least; above 0.
 * @returns {Promise<number>} What a run took at the end, roughly: the machine may have been elsewhere meanwhile.
 */
async function warmUp(session, warm_up_ms) {
  let rough_ms = 0;
  for (let calls = 1, spent_ms = 0; spent_ms < warm_up_ms; calls *= 2) {
    [rough_ms] = await session.time({ warm_ups: 0, samples: 1, calls });
    spent_ms += calls * rough_ms;
  }
  return rough_ms;
}

/**
 * How often a model runs in a turn.
 *
 * @param {number} call_ms What one run takes, roughly.
 * @param {number} turn_ms What the turn should last.
 * @param {number} tick_ms The clock's resolution.
 * @returns {Turn} As many uncounted runs as one sample has, since another model has had the caches; none for long runs.
 */
export function turnOf(call_ms, turn_ms, tick_ms) {
  const calls = callsPerSample(call_ms, tick_ms);
  const fitting = Math.floor(turn_ms / Math.max(calls * call_ms, tick_ms)) - 1;
  const warm_ups = call_ms < LONG_TURNS * turn_ms ? calls : 0;
  return { warm_ups, samples: Math.min(MOST_SAMPLES, Math.max(1, fitting)), calls };
}
