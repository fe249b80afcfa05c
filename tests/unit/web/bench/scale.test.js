import assert from "node:assert/strict";
import { test } from "node:test";
import { isPowerOfTen, logScale, place } from "../../../../web/bench/measure/scale.js";

test("a scale begins and ends at round numbers around its values", () => {
  assert.deepEqual(logScale([0.13, 0.9]), { low: 0.1, high: 1, ticks: [0.1, 0.2, 0.5, 1] });
  assert.deepEqual(logScale([3, 26]), { low: 2, high: 50, ticks: [2, 5, 10, 20, 50] });
});

test("a wide scale keeps to powers of ten", () => {
  assert.deepEqual(logScale([0.04, 30]).ticks, [0.1, 1, 10]);
});

test("six labels or more have two powers of ten among them, which a phone shows", () => {
  for (let exponent = -3; exponent < 4; exponent += 0.1) {
    const { ticks } = logScale([10 ** exponent, 10 ** (exponent + 1.5)]);
    assert.ok(ticks.length < 6 || ticks.filter(isPowerOfTen).length >= 2, String(ticks));
  }
});

test("a scale of equal values has room around them", () => {
  const scale = logScale([1, 1]);
  assert.deepEqual([scale.low, scale.high], [1, 2]);
});

test("every value lies on its scale, in order", () => {
  for (let exponent = -3; exponent < 4; exponent += 0.01) {
    const value = 10 ** exponent;
    const scale = logScale([value, value * 3]);
    assert.ok(scale.low <= value && scale.high >= value * 3, `${value} on ${JSON.stringify(scale)}`);
    assert.ok(place(scale, value) < place(scale, value * 3));
    assert.ok(scale.ticks.length >= 2);
  }
});

test("equal factors are equal distances", () => {
  const scale = { low: 1, high: 100, ticks: [] };
  assert.deepEqual(
    [1, 10, 100].map((value) => place(scale, value)),
    [0, 0.5, 1],
  );
});
