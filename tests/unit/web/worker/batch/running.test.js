import assert from "node:assert/strict";
import { test } from "node:test";
import { ForeshoreError } from "../../../../../web/shared/errors.js";
import { storedValue } from "../../../../../web/shared/jobs.js";
import { Running } from "../../../../../web/worker/batch/running.js";
import { answer, flights, jobOver, TABLE } from "./jobs.js";

const COUNT = 60_000;
const WRONG_EVERY = 1000;

/**
 * What a job keeps, as a store would.
 *
 * @param {import("../../../../../web/shared/jobs.js").Job} job
 * @param {Partial<import("../../../../../web/worker/batch/running.js").Means>} [means]
 */
function kept(job, means = {}) {
  /** @type {import("../../../../../web/worker/batch/store.js").Advance[]} */
  const steps = [];
  let last = job;
  const run = (/** @type {import("../../../../../web/worker/batch/source.js").Source} */ source) =>
    new Running(last, {
      ...{ source, table: TABLE, history: null, answer, onProgress: () => {}, now_ms: () => performance.now() },
      keep: async (before, step) => {
        assert.equal(before, last);
        last = step.job;
        steps.push(step);
      },
      ...means,
    });
  return { run, steps, job: () => last };
}

/** @param {readonly import("../../../../../web/worker/batch/store.js").Advance[]} steps */
function answers(steps) {
  return steps.flatMap(({ chunk: { rows, columns } }) =>
    Array.from(rows, (row, place) => [row, ...columns.map((column) => storedValue(column, place))]),
  );
}

/** What each good row's answer is. */
function expected() {
  const rows = Array.from({ length: COUNT }, (_, place) => place + 1).filter((row) => row % WRONG_EVERY);
  return rows.map((row) => [row, String(row), ["EWR", "JFK"][row % 2], 10 * (row % 2) + (row % 50)]);
}

test("every good row is answered once, in order, and every bad one told", async () => {
  const { job, source } = await jobOver(flights(COUNT, WRONG_EVERY));
  const { run, steps, job: now } = kept(job);
  const { finished } = await run(source).run();
  assert.ok(finished && steps.length > 5);
  assert.deepEqual(answers(steps), expected());
  const problems = steps.flatMap((step) => step.problems);
  assert.deepEqual(problems[1], { row: 2000, field: "origin", reason: 'got "XX", expected one of EWR, JFK' });
  const { good, bad, fraction, histograms } = now().progress;
  assert.deepEqual([good, bad, problems.length, fraction], [COUNT - 60, 60, 60, 1]);
  assert.equal(histograms.minutes.count, good);
});

test("a paused job ends with what was on its way, and goes on where it was", async () => {
  const { job, source } = await jobOver(flights(COUNT, WRONG_EVERY));
  const {
    run,
    steps,
    job: now,
  } = kept(job, {
    onProgress: () => {
      if (steps.length === 1) running.pause();
    },
  });
  const running = run(source);
  assert.equal((await running.run()).finished, false);
  const before = steps.length;
  assert.ok(before >= 1 && now().progress.fraction < 1);
  assert.equal((await run((await jobOver(flights(COUNT, WRONG_EVERY))).source).run()).finished, true);
  assert.ok(steps.length > before);
  assert.deepEqual(answers(steps), expected());
});

test("nothing is kept after a step that could not be, or was not answered", async () => {
  for (const [failing, failure] of /** @type {const} */ ([
    ["answer", "model gone"],
    ["keep", "disk full"],
  ])) {
    const { job, source } = await jobOver(flights(COUNT, WRONG_EVERY));
    let calls = 0;
    const failThird =
      (/** @type {any} */ act) =>
      async (/** @type {any[]} */ ...given) => {
        calls += 1;
        if (calls === 3) throw new Error(failure);
        return act(...given);
      };
    const { run, steps, job: now } = kept(job);
    const means = failing === "answer" ? { answer: failThird(answer) } : {};
    const running = new Running(job, {
      ...{ source, table: TABLE, history: null, answer, onProgress: () => {}, now_ms: () => 0, ...means },
      keep:
        failing === "keep"
          ? failThird(async (/** @type {any} */ _, /** @type {any} */ step) => steps.push(step))
          : async (_, step) => {
              steps.push(step);
            },
    });
    await assert.rejects(running.run(), { message: failure });
    assert.equal(steps.length, 2, failing);
    assert.equal(now(), job);
    assert.ok(run);
  }
});

test("what was read before a place that can't be read is stored before the run ends", async () => {
  const { job, source } = await jobOver(flights(COUNT, WRONG_EVERY));
  const { run, steps, job: now } = kept(job);
  let reads = 0;
  const read = source.read.bind(source);
  source.read = async (...given) => {
    reads += 1;
    if (reads === 4) throw new Error("no such place");
    return read(...given);
  };
  await assert.rejects(run(source).run(), { message: "no such place" });
  assert.equal(steps.length, 3);
  assert.ok(now().progress.good > 10_000);
});

test("an answer that is none is told with the file's row", async () => {
  const { job, source } = await jobOver(flights(COUNT, 10));
  const broken = async () => {
    throw new ForeshoreError("model", "tensor y: got NaN, expected a finite number (row 9)", { row: 9 });
  };
  const { run } = kept(job, { answer: broken });
  await assert.rejects(run(source).run(), { row: 11, message: "tensor y: got NaN, expected a finite number (row 11)" });
});

test("a column may be carried twice over, and one that is not asked for costs nothing", async () => {
  const { job, source } = await jobOver(flights(10, 99), { carried: ["delay", "origin"] });
  const { run, steps } = kept(job);
  await run(source).run();
  assert.deepEqual(answers(steps)[0], [1, "JFK", "1", 11]); // in the file's order
  assert.equal(steps[0].chunk.columns.length, 3);
});

test("a job whose rows are all wrong ends well, without answers", async () => {
  const { job, source } = await jobOver(flights(100, 1));
  const { run, steps, job: now } = kept(job);
  assert.equal((await run(source).run()).finished, true);
  assert.deepEqual([now().progress.good, now().progress.bad, steps[0].chunk.rows.length], [0, 100, 0]);
});
