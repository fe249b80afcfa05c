import assert from "node:assert/strict";
import { test } from "node:test";
import { differenceText, rangeText, ratioText, timeText } from "../../../../web/bench/views/words.js";

test("durations below a millisecond are in microseconds", () => {
  const texts = [0, 0.0042, 0.00999, 0.0123, 0.48, 0.9996, 1.26, 31.4, 2400].map(timeText);
  assert.deepEqual(texts, ["0 µs", "4.2 µs", "10 µs", "12 µs", "480 µs", "1.0 ms", "1.3 ms", "31 ms", "2.4 s"]);
});

test("ratios have two digits, or all whole ones", () => {
  assert.deepEqual([0.494, 1, 3.16, 12.4, 151.2].map(ratioText), ["0.49×", "1×", "3.2×", "12×", "151×"]);
});

test("ranges tell a unit that both ends share once", () => {
  assert.equal(rangeText(0.012, 0.048), "12 to 48 µs");
  assert.equal(rangeText(0.48, 1.3), "480 µs to 1.3 ms");
  assert.equal(rangeText(240, 980), "240 to 980 ms");
  assert.equal(rangeText(0.9, 1200), "900 µs to 1.2 s");
});

test("differences have two digits, small ones a power of ten", () => {
  const texts = [0, 2.1, 0.0271, 4.31e-6, 1e-5].map(differenceText);
  assert.deepEqual(texts, ["0", "2.1", "0.027", "4.3e-6", "1e-5"]);
});
