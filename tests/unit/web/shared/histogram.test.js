import assert from "node:assert/strict";
import { test } from "node:test";
import { bars, counted, emptyHistogram } from "../../../../web/shared/histogram.js";

/** @param {number[][]} parts */
function histogramOf(...parts) {
  return parts.reduce((histogram, values) => counted(histogram, values), emptyHistogram());
}

/** @param {number} length */
function spread(length) {
  return Array.from({ length }, (_, place) => Math.sin(place) * 100 + place / 1000);
}

test("what is counted in parts is what is counted at once", () => {
  const values = spread(5000);
  const whole = histogramOf(values);
  const parts = histogramOf(values.slice(0, 3), values.slice(3, 2000), [], values.slice(2000));
  assert.equal(parts.count, 5000);
  assert.deepEqual([parts.least, parts.most, parts.counts], [whole.least, whole.most, whole.counts]);
  assert.ok(Math.abs(parts.sum - whole.sum) < 1e-6); // added up in another order
});

test("bins grow with the range, and none is lost", () => {
  const histogram = histogramOf([0.001, 0.002], [-5000, 1e6], [3]);
  assert.ok(histogram.counts.length <= 1024);
  assert.equal(
    histogram.counts.reduce((sum, count) => sum + count),
    5,
  );
  assert.deepEqual([histogram.least, histogram.most], [-5000, 1e6]);
});

test("counting changes no histogram that somebody holds", () => {
  const before = histogramOf([1, 2, 3]);
  const copy = structuredClone(before);
  counted(before, [4, 500]);
  assert.deepEqual(before, copy);
});

test("bars hold every value, what lies far out in the outer ones", () => {
  const histogram = histogramOf(spread(5000), [1e5, -1e5]);
  const drawn = bars(histogram, 32);
  assert.ok(drawn.length <= 32);
  assert.equal(
    drawn.reduce((sum, { count }) => sum + count, 0),
    5002,
  );
  assert.deepEqual([drawn[0].low, drawn.at(-1)?.high], [-1e5, 1e5]);
  for (let place = 2; place < drawn.length; place++) assert.equal(drawn[place].low, drawn[place - 1].high);
});

test("one value is one bar, and none is none", () => {
  assert.equal(bars(histogramOf([7, 7]), 32).length, 1);
  assert.deepEqual(bars(emptyHistogram(), 32), []);
});
