import assert from "node:assert/strict";
import { test } from "node:test";
import { dateText, momentText, textReader, timeText, valueReader } from "../../../../web/shared/cells.js";

/** @typedef {import("../../../../web/shared/cells.js").CellField} CellField */

/** @type {[CellField["dtype"], string, unknown][]} */
const TEXTS = [
  ["float32", " 3.50\t", 3.5],
  ["float32", "-0", 0],
  ["float32", "1,5", "1,5"],
  ["int32", "12.0", 12],
  ["int32", "NA", null],
  ["bool", "TRUE", true],
  ["bool", "constructor", "constructor"],
  ["time", "8:30", "08:30"],
  ["time", "08:30:01", "08:30:01"],
  ["date", "2013-10-05 00:00:00", "2013-10-05"],
  ["datetime", "2013-10-05 12:30:00+00:00", "2013-10-05T12:30Z"],
  ["datetime", "2013-10-05T12:30", "2013-10-05T12:30"],
  ["text", "NA", "NA"],
  ["text", "", null],
];
for (const [dtype, text, value] of TEXTS) {
  test(`as ${dtype}, ${JSON.stringify(text)} is ${JSON.stringify(value)}`, () => {
    assert.ok(Object.is(textReader({ dtype, codes: null })(text), value));
  });
}

test("a word for nothing is a category where it is one", () => {
  const read = textReader({ dtype: "category", codes: { NA: 0, EU: 1 } });
  assert.deepEqual(["NA", " NA", "null", " EU", "toString"].map(read), ["NA", null, null, " EU", "toString"]);
});

test("typed cells keep their meaning", () => {
  const read = valueReader({ dtype: "int32", codes: null });
  assert.deepEqual([12n, 12.5, Number.NaN, null, undefined, true, "12"].map(read), [
    12,
    12.5,
    null,
    null,
    null,
    true,
    12,
  ]);
  assert.deepEqual([1n, 0, 2].map(valueReader({ dtype: "bool", codes: null })), [true, false, 2]);
});

test("what is no single value is left to be refused; bytes as a list", () => {
  const read = valueReader({ dtype: "text", codes: null });
  assert.deepEqual([[1], { a: 1 }, Uint8Array.of(7)].map(read), [[1], { a: 1 }, [7]]);
});

test("dates and times are written as the rules for texts read them", () => {
  assert.equal(dateText(15983), "2013-10-05");
  assert.equal(timeText(30_600_000_000n), "08:30");
  assert.equal(timeText(30_615_250_000n), "08:30:15.25");
  assert.equal(momentText(1_380_976_200_000_000n, true), "2013-10-05T12:30Z");
  assert.equal(momentText(-1n, false), "1969-12-31T23:59:59.999999");
});
