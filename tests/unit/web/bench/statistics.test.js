import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ascending,
  median,
  medianInterval,
  pairedRatio,
  quantile,
  seededRandom,
  summarize,
} from "../../../../web/bench/measure/statistics.js";

test("quantiles interpolate as NumPy's default does", () => {
  // numpy.quantile([1, 2, 4, 8], [0, 0.25, 0.5, 0.875, 1])
  const sorted = [1, 2, 4, 8];
  const got = [0, 0.25, 0.5, 0.875, 1].map((fraction) => quantile(sorted, fraction));
  assert.deepEqual(got, [1, 1.75, 3, 6.5, 8]);
});

test("samples are ordered by value, not as text", () => {
  assert.deepEqual([...ascending([10, 9, 100])], [9, 10, 100]);
  assert.equal(median([10, 9, 100]), 10);
});

test("no samples is an error that says so", () => {
  assert.throws(() => summarize([]), /got no samples, expected at least one/);
});

test("a summary orders its figures", () => {
  const random = seededRandom(1);
  const summary = summarize(Array.from({ length: 101 }, random));
  const ordered = [
    summary.minimum,
    summary.lower_quartile,
    summary.median,
    summary.upper_quartile,
    summary.p95,
    summary.p99,
    summary.maximum,
  ];
  assert.deepEqual(
    ordered,
    [...ordered].sort((a, b) => a - b),
  );
  assert.equal(summary.count, 101);
});

test("the median's interval holds the median and narrows with samples", () => {
  const random = seededRandom(2);
  const many = Array.from({ length: 400 }, random);
  const few = many.slice(0, 10);
  const [low, high] = medianInterval(many);
  const [fewLow, fewHigh] = medianInterval(few);
  assert.ok(low <= median(many) && median(many) <= high);
  assert.ok(high - low < fewHigh - fewLow);
});

test("the median's interval covers the true median about 95 times in 100", () => {
  const random = seededRandom(3);
  let covered = 0;
  for (let trial = 0; trial < 200; trial++) {
    const [low, high] = medianInterval(Array.from({ length: 25 }, random));
    if (low <= 0.5 && 0.5 <= high) covered += 1;
  }
  // 200 trials at 95% have a standard deviation of 1.5 points; the percentile bootstrap of a median runs a little low.
  assert.ok(covered >= 178, `covered ${covered} of 200`);
});

test("the same samples give the same interval", () => {
  assert.deepEqual(medianInterval([3, 1, 2, 5, 4]), medianInterval([3, 1, 2, 5, 4]));
});

test("paired ratios cancel noise that both sides lived through", () => {
  const noise = [1, 7, 2, 30, 1.5];
  const ratio = pairedRatio(
    noise.map((factor) => 6 * factor),
    noise.map((factor) => 2 * factor),
  );
  assert.equal(ratio.median, 3);
  assert.equal(ratio.maximum - ratio.minimum, 0);
});

test("unpaired rounds are refused", () => {
  assert.throws(() => pairedRatio([1, 2], [1]), /got 2 and 1 rounds/);
});
