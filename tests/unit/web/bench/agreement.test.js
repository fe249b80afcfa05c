import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "../../../../web/bench/measure/agreement.js";

test("equal answers agree", () => {
  const agreement = compare(Float32Array.of(1, -20, 300), [1, -20, 300], 1e-5);
  assert.deepEqual([agreement.agrees, agreement.largest_difference, agreement.message], [true, 0, ""]);
});

test("the tolerance is absolute below one and relative above", () => {
  assert.ok(compare([300.002], [300], 1e-5).agrees);
  assert.ok(!compare([0.00002], [0], 1e-5).agrees);
});

test("a disagreement names the worst row, what was got and expected", () => {
  const agreement = compare([1, 2.5, 3.1], [1, 2, 3], 1e-5);
  assert.equal(agreement.worst_row, 1);
  assert.match(agreement.message, /row 1: got 2.5, expected 2 within 0.00001/);
});

test("a NaN never agrees", () => {
  const agreement = compare([Number.NaN], [1], 1e-5);
  assert.ok(!agreement.agrees);
  assert.equal(agreement.worst_row, 0);
});

test("missing answers never agree", () => {
  assert.match(compare([1], [1, 2], 1e-5).message, /got 1 answers, expected 2/);
  assert.ok(!compare([], [], 1e-5).agrees);
});
