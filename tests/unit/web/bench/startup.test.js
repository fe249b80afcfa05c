import assert from "node:assert/strict";
import { test } from "node:test";
import { warmUpTime } from "../../../../web/bench/measure/startup.js";

test("warm-up is the time of the calls before they settle", () => {
  const calls = [50, 20, 10, ...Array(20).fill(1)];
  // Five calls with at most two slow ones among them have a settled median: [20, 10, 1, 1, 1] is the first.
  assert.equal(warmUpTime(calls), 50);
});

test("calls that are alike from the first need no warm-up", () => {
  assert.equal(warmUpTime([1, 1.05, 1, 0.98, 1, 1.02, 1, 1]), 0);
});

test("one slow call later on is no warm-up", () => {
  assert.equal(warmUpTime([1, 1, 1, 1, 1, 1, 40, 1, 1, 1, 1, 1]), 0);
});
