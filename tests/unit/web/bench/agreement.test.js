import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "../../../../web/bench/measure/agreement.js";

const EXACT = /** @type {const} */ ({ reference: "golden", statistic: "largest", tolerance: 1e-5 });
const APPROXIMATE = /** @type {const} */ ({ reference: "golden", statistic: "typical", tolerance: 0.1 });

test("equal answers agree", () => {
  const agreement = compare(Float32Array.of(1, -20, 300), [1, -20, 300], EXACT);
  assert.deepEqual([agreement.agrees, agreement.largest_difference, agreement.message], [true, 0, ""]);
  assert.equal(agreement.worst_row, null);
});

test("the tolerance is absolute below one and relative above", () => {
  assert.ok(compare([300.002], [300], EXACT).agrees);
  assert.ok(!compare([0.00002], [0], EXACT).agrees);
});

test("a disagreement names the worst row, what was got and expected, and by whom", () => {
  const agreement = compare([1, 2.5, 3.1], [1, 2, 3], EXACT);
  assert.equal(agreement.worst_row, 1);
  assert.equal(agreement.message, "row 1: got 2.5, expected 2 (golden), within 0.00001");
});

test("an approximate model may miss single answers, but not half of them", () => {
  assert.ok(compare([1, 2, 9], [1, 2, 3], APPROXIMATE).agrees);
  const agreement = compare([1, 8, 9], [1, 2, 3], APPROXIMATE);
  assert.ok(!agreement.agrees);
  assert.match(agreement.message, /half of all answers within 0.1/);
});

test("a NaN never agrees, not even with a NaN", () => {
  for (const expected of [1, Number.NaN]) {
    const agreement = compare([Number.NaN], [expected], EXACT);
    assert.ok(!agreement.agrees);
    assert.equal(agreement.worst_row, 0);
  }
});

test("missing answers never agree", () => {
  assert.match(compare([1], [1, 2], EXACT).message, /got 1 answers, expected 2/);
  assert.match(compare([], [], EXACT).message, /got 0 answers, expected at least one/);
  assert.ok(!compare([1, 2, 3], [1, 2], EXACT).agrees);
});
