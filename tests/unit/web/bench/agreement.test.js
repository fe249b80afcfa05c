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

const RANKING = [
  { index: 7, score: 0.5 },
  { index: 3, score: 0.3 },
];

test("rankings agree where scores do, whatever the order of near equals", () => {
  const near = [
    { index: 7, score: 0.500004 },
    { index: 3, score: 0.3 },
  ];
  assert.ok(compare([near], [RANKING], EXACT).agrees);
  const equals = [
    [
      { index: 1, score: 0.2 },
      { index: 2, score: 0.2 },
    ],
    [
      { index: 2, score: 0.2 },
      { index: 9, score: 0.2 },
    ],
  ];
  assert.ok(compare([equals[0]], [equals[1]], EXACT).agrees);
});

test("a ranking of other things, other scores or another length never agrees", () => {
  const other = [
    { index: 7, score: 0.5 },
    { index: 4, score: 0.3 },
  ];
  assert.ok(!compare([[{ index: 7, score: 0.4 }, RANKING[1]]], [RANKING], EXACT).agrees);
  assert.ok(compare([other], [RANKING], EXACT).agrees, "what isn't listed may be as likely as the last that is");
  assert.ok(!compare([[{ index: 9, score: 0.5 }, RANKING[1]]], [RANKING], EXACT).agrees);
  assert.ok(!compare([[RANKING[0]]], [RANKING], EXACT).agrees);
  assert.ok(!compare([0.5], [RANKING], EXACT).agrees);
  assert.ok(!compare([[{ index: 7, score: Number.NaN }, RANKING[1]]], [RANKING], EXACT).agrees);
});

test("a disagreement of rankings shows both", () => {
  const { message, largest_difference } = compare([[{ index: 7, score: 0.25 }, RANKING[1]]], [RANKING], EXACT);
  assert.equal(message, "row 0: got 7: 0.250, 3: 0.300, expected 7: 0.500, 3: 0.300 (golden), within 0.00001");
  assert.equal(largest_difference, 0.25);
});
