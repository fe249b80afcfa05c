import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bytesText,
  clockAfter,
  countText,
  dateText,
  dayText,
  decimalText,
  delayText,
  durationText,
  monthText,
  numberText,
  spanText,
} from "../../../../web/app/format.js";

test("a delay reads as late, early or on time, rounded to minutes", () => {
  assert.equal(delayText(14.4), "14 min late");
  assert.equal(delayText(-5.6), "6 min early");
  assert.equal(delayText(1), "1 min late");
  assert.equal(delayText(0.4), "on time");
  assert.equal(delayText(-0.4), "on time");
});

test("an hour or more reads as hours and minutes", () => {
  assert.equal(spanText(60), "1 h");
  assert.equal(spanText(84), "1 h 24 min");
  assert.equal(spanText(59.6), "1 h");
});

test("the clock crosses midnight in both directions", () => {
  assert.deepEqual(clockAfter("11:45", 14.2), { time: "11:59", days: 0 });
  assert.deepEqual(clockAfter("23:50", 15), { time: "00:05", days: 1 });
  assert.deepEqual(clockAfter("00:05", -10), { time: "23:55", days: -1 });
});

test("bytes are given in the unit that keeps them short", () => {
  assert.equal(bytesText(512), "512 B");
  assert.equal(bytesText(54_321), "54 kB");
  assert.equal(bytesText(999_600), "1.0 MB");
  assert.equal(bytesText(7_160_000), "7.2 MB");
  assert.equal(bytesText(999_960_000), "1.0 GB");
  assert.equal(bytesText(10_737_418_240), "10.7 GB");
});

test("durations keep two figures when short and switch to seconds when long", () => {
  assert.equal(durationText(0.423), "0.42 ms");
  assert.equal(durationText(3.14), "3.1 ms");
  assert.equal(durationText(241.6), "242 ms");
  assert.equal(durationText(1400), "1.4 s");
});

test("a day does not shift with the visitor's time zone", () => {
  assert.equal(dayText("2013-10-05"), "Saturday 5 October");
  assert.equal(dayText("2013-10-05", "short"), "Sat 5 Oct");
  assert.equal(dateText("2013-10-05"), "5 October 2013");
  assert.equal(monthText("2013-12-01"), "December 2013");
});

test("numbers have separators and a true minus sign", () => {
  assert.equal(numberText(-1234.5), "−1,234.5");
  assert.equal(countText(1, "flight"), "1 flight");
  assert.equal(countText(1200, "flight"), "1,200 flights");
});

test("a number with decimals keeps its zeros, its separators and a true minus, which no zero has", () => {
  assert.equal(decimalText(38.96, 1), "39.0");
  assert.equal(decimalText(-1234.56, 1), "−1,234.6");
  assert.equal(decimalText(-0.04, 1), "0.0");
  assert.equal(decimalText(12.4, 0), "12");
});
