import assert from "node:assert/strict";
import { test } from "node:test";
import { costsByShare, costsOf, demandOf, effortAt, USUAL, widestShare } from "../../../../web/app/batch/costs.js";

const exactly = (/** @type {number} */ median) => ({ median, low: median, high: median });
const EFFORT = { batch_us: exactly(20), online_us: exactly(400) };
const DEMAND = { users: 9_000_000, active: 0.1, predictions: 2, runs: 1 };

test("batch computes for everyone, online for those who ask", () => {
  const { batch_h, online_h, cheaper, factor } = costsOf(DEMAND, EFFORT);
  assert.equal(batch_h.median.toFixed(12), ((9e6 * 2 * 20e-6) / 3600).toFixed(12)); // 0.1 h
  assert.equal(online_h.median.toFixed(12), ((9e6 * 0.1 * 2 * 400e-6) / 3600).toFixed(12)); // 0.2 h
  assert.deepEqual([cheaper, factor], ["batch", 2]);
});

test("at the break-even share both cost the same, however many users and predictions", () => {
  for (const users of [1, 9_000_000]) {
    const demand = { ...DEMAND, users };
    const { break_even } = costsOf(demand, EFFORT);
    assert.equal(break_even.median, 0.05);
    const { batch_h, online_h } = costsOf({ ...demand, active: break_even.median }, EFFORT);
    assert.ok(Math.abs(batch_h.median / online_h.median - 1) < 1e-12);
  }
});

test("more runs a day cost more and keep answers younger", () => {
  const [daily, hourly] = [1, 24].map((runs) => costsOf({ ...DEMAND, runs }, EFFORT));
  assert.deepEqual([daily.age_h, hourly.age_h], [12, 0.5]);
  assert.ok(Math.abs(hourly.batch_h.median / daily.batch_h.median - 24) < 1e-9);
  assert.equal(hourly.break_even.median, 1.2, "above 1: online is always cheaper");
  assert.equal(hourly.cheaper, "online");
});

test("nobody active costs nothing online", () => {
  const { online_h, cheaper, factor } = costsOf({ ...DEMAND, active: 0 }, EFFORT);
  assert.deepEqual([online_h.median, cheaper, factor], [0, "online", Number.POSITIVE_INFINITY]);
});

test("the spread of what was measured becomes that of what follows from it", () => {
  const effort = { batch_us: { median: 20, low: 10, high: 30 }, online_us: { median: 400, low: 300, high: 500 } };
  const { break_even } = costsOf(DEMAND, effort);
  assert.deepEqual(break_even, { median: 0.05, low: 0.02, high: 0.1 });
  assert.deepEqual(effortAt({ median: 50_000, low: 40_000, high: 100_000 }), { median: 20, low: 10, high: 25 });
});

test("what is typed is read as people write numbers, and refused with what was expected", () => {
  assert.deepEqual(demandOf({ ...USUAL, users: " 1,000,000 ", active: "2.5" }).demand, {
    ...{ users: 1e6, active: 0.025, predictions: 3, runs: 1 },
  });
  for (const users of ["1 000 000", "1000000"]) assert.equal(demandOf({ ...USUAL, users }).demand?.users, 1e6);
  const { demand, problems } = demandOf({ users: "1,5", active: "101", predictions: "", runs: "1.5" });
  assert.equal(demand, null);
  assert.deepEqual(Object.fromEntries(problems), {
    users: "Got “1,5”, expected a whole number from 1 to 10,000,000,000.",
    active: "Got “101”, expected a number from 0 to 100.",
    predictions: "Got nothing, expected a number from 1 to 1,000,000.",
    runs: "Got “1.5”, expected a whole number from 1 to 1,440.",
  });
});

test("the chart's lines are the costs at each share, and it holds the chosen share and the break-even", () => {
  const [none, all] = costsByShare(DEMAND, EFFORT, [0, 1]);
  assert.deepEqual([none.online_h, none.batch_h], [0, all.batch_h]);
  assert.equal(all.online_h, 2);
  assert.equal(widestShare(0.01, 0.03), 0.05);
  assert.equal(widestShare(0.3, 0.05), 0.5);
  assert.equal(widestShare(0.9, 0.05), 1);
  assert.equal(widestShare(0.01, 3), 0.02);
});
