import assert from "node:assert/strict";
import { test } from "node:test";
import { runBenchmark } from "../../../../web/bench/measure/benchmark.js";

/**
 * @typedef {import("../../../../web/bench/measure/contender.js").Contender} Contender
 * @typedef {import("../../../../web/bench/measure/contender.js").InputRecord} InputRecord
 * @typedef {import("../../../../web/bench/measure/benchmark.js").Setting} Setting
 *
 * @typedef {object} Behaviour
 * @property {number} [call_ms]
 * @property {Record<string, number>} [phases_ms]
 * @property {number} [error] Added to every answer.
 * @property {Contender["expectations"]} [expectations]
 * @property {number} [failsAfter] Calls.
 */

const EXACT = /** @type {const} */ ({ reference: "golden", statistic: "largest", tolerance: 1e-5 });
const PLAN = {
  ...{ starts: 2, warm_up_calls: 6, rounds: 3, samples_per_turn: { 1: 2, 32: 2, 1024: 2 } },
  windows: { days: 1, runs: 1, updates: 1 },
};

/** A place for contenders whose durations are what they say: time passes only when one of them is called. */
class Field {
  time = 0;
  opened = 0;
  closed = 0;
  /** @type {string[]} */
  log = [];

  /**
   * Answers twice the delay, in the time that its behaviour says.
   *
   * @param {string} id
   * @param {Behaviour} [behaviour]
   * @returns {Contender}
   */
  contender(id, { call_ms = 1, phases_ms = {}, error = 0, expectations = [EXACT], failsAfter = Infinity } = {}) {
    let calls = 0;
    const predict = async (/** @type {readonly InputRecord[]} */ records) => {
      if (++calls > failsAfter) throw new Error("the worker died");
      this.time += call_ms;
      this.log.push(id);
      const answers = records.map((record) => 2 * Number(record.departure_delay_min) + error);
      return { answers, phases_ms };
    };
    const open = async () => {
      this.opened += 1;
      this.time += 100;
      const close = async () => {
        this.closed += 1;
      };
      return { predict, close, phases: { model_start: 40 } };
    };
    const urls = [`${id}.bin`];
    const label = id.toUpperCase();
    return { id, label, engine: "test", variant: "", provider: "", threads: 1, expectations, urls, open };
  }

  /**
   * @param {Partial<Setting>} [changes]
   * @returns {Setting}
   */
  setting(changes) {
    const records = [1, 2, 3].map((delay) => /** @type {InputRecord} */ ({ departure_delay_min: delay }));
    const download = async (/** @type {string[]} */ urls) => {
      this.time += 50;
      return { files: urls.length, transferred_bytes: 10, decoded_bytes: 20, download_ms: 50 };
    };
    const clock = { now: () => this.time, tick_ms: 0.001 };
    return { plan: PLAN, records, golden: [2, 4, 6], baseline: "a", download, clock, ...changes };
  }
}

test("four phases are measured apart", async () => {
  const field = new Field();
  const [result] = await runBenchmark(
    [field.contender("a", { call_ms: 2, phases_ms: { prepare: 0.75, run: 0.25 } })],
    field.setting(),
  );
  assert.equal(result.status, "measured");
  assert.equal(result.startup?.download.median, 50);
  assert.equal(result.startup?.instantiate.median, 100);
  assert.equal(result.startup?.starts[1].phases_ms.model_start, 40);
  assert.equal(result.startup?.first_call.median, 2);
  assert.equal(result.startup?.download.count, PLAN.starts);
  assert.deepEqual(
    result.steady.map(({ batch, total }) => [batch, total.median, total.count]),
    [1, 32, 1024].map((batch) => [batch, 2, PLAN.rounds * 2]),
  );
});

test("messaging is what is left of the total", async () => {
  const field = new Field();
  const [result] = await runBenchmark(
    [field.contender("a", { call_ms: 2, phases_ms: { prepare: 0.75, run: 0.25 } })],
    field.setting(),
  );
  assert.deepEqual([result.steady[0].phases.prepare.median, result.steady[0].phases.run.median], [0.75, 0.25]);
  assert.equal(result.steady[0].messaging.median, 1);
});

test("ratios are to the baseline in the same rounds", async () => {
  const field = new Field();
  const contenders = [field.contender("a", { call_ms: 4 }), field.contender("b", { call_ms: 1 })];
  const [first, second] = await runBenchmark(contenders, field.setting());
  assert.equal(first.steady[2].ratio?.median, 1);
  assert.equal(second.steady[2].ratio?.median, 0.25);
});

test("a wrong contender is shown and not timed", async () => {
  const field = new Field();
  const contenders = [field.contender("a"), field.contender("b", { error: 0.5 })];
  const [first, second] = await runBenchmark(contenders, field.setting());
  assert.equal(first.status, "measured");
  assert.equal(second.status, "disagrees");
  assert.equal(second.message, "row 0: got 2.5, expected 2 (golden), within 0.00001");
  assert.deepEqual([second.startup, second.steady], [null, []]);
  assert.equal(field.log.filter((id) => id === "b").length, 1);
});

test("every contender has answered before the first is timed", async () => {
  const field = new Field();
  await runBenchmark([field.contender("a"), field.contender("b"), field.contender("c")], field.setting());
  assert.deepEqual(field.log.slice(0, 3), ["a", "b", "c"]);
});

test("a contender may be held to another one's answers", async () => {
  const field = new Field();
  const near = /** @type {const} */ ({ reference: "golden", statistic: "typical", tolerance: 0.2 });
  const same = /** @type {const} */ ({ reference: "b", statistic: "largest", tolerance: 1e-9 });
  const [, second, third, fourth] = await runBenchmark(
    [
      field.contender("a"),
      field.contender("b", { error: 0.1, expectations: [near] }),
      field.contender("c", { error: 0.1, expectations: [near, same] }),
      field.contender("d", { error: 0.11, expectations: [near, same] }),
    ],
    field.setting(),
  );
  assert.deepEqual([second.status, third.status, fourth.status], ["measured", "measured", "disagrees"]);
  assert.match(fourth.message, /\(b\)/);
});

test("a contender that breaks half-way is shown as failed, the others are measured", async () => {
  const field = new Field();
  const contenders = [field.contender("a"), field.contender("b", { failsAfter: 30 }), field.contender("c")];
  const [first, second, third] = await runBenchmark(contenders, field.setting());
  assert.deepEqual([first.status, second.status, third.status], ["measured", "failed", "measured"]);
  assert.equal(second.message, "the worker died");
  assert.equal(third.steady.length, 3);
});

test("without its baseline the rest is still measured, without ratios", async () => {
  const field = new Field();
  const contenders = [field.contender("a", { failsAfter: 10 }), field.contender("b")];
  const [, second] = await runBenchmark(contenders, field.setting());
  assert.equal(second.status, "measured");
  assert.equal(second.steady[0].ratio, null);
});

test("everything that was opened is closed, after an error too", async () => {
  const field = new Field();
  await runBenchmark([field.contender("a"), field.contender("b", { failsAfter: 30 })], field.setting());
  assert.equal(field.closed, field.opened);
});

test("cancelling ends the run and closes what was open", async () => {
  const field = new Field();
  const controller = new AbortController();
  const onProgress = (/** @type {number} */ fraction) => {
    if (fraction > 0.6) controller.abort(new Error("stop"));
  };
  const setting = field.setting({ signal: controller.signal, onProgress });
  await assert.rejects(runBenchmark([field.contender("a"), field.contender("b")], setting), /stop/);
  assert.ok(field.opened > 0);
  assert.equal(field.closed, field.opened);
});

test("progress rises to one", async () => {
  const field = new Field();
  /** @type {number[]} */
  const seen = [];
  await runBenchmark(
    [field.contender("a"), field.contender("b")],
    field.setting({ onProgress: (fraction) => seen.push(fraction) }),
  );
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
  assert.ok(Math.abs(seen[seen.length - 1] - 1) < 1e-9);
});

test("a call that being cancelled breaks is no failure of the contender", async () => {
  const field = new Field();
  const controller = new AbortController();
  const contender = field.contender("a");
  const open = () => {
    controller.abort(new Error("stop"));
    return Promise.reject(new Error("cancelled on the way"));
  };
  const run = runBenchmark([{ ...contender, open }], field.setting({ signal: controller.signal }));
  await assert.rejects(run, /stop/);
});
