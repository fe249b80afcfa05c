import assert from "node:assert/strict";
import { test } from "node:test";
import { matched, remapped, unserved } from "../../../../web/shared/matching.js";

const FIELDS = [
  { name: "date", title: "Date of the flight", nullable: false, dtype: "date" },
  { name: "origin", title: "From", nullable: false, dtype: "category" },
  { name: "delay_min", title: "Departure delay", nullable: true, dtype: "int32" },
];

test("names go before names that read alike, and these before titles", () => {
  assert.deepEqual(matched(FIELDS, ["Delay (Min)", "date", "FROM", "Date"]), {
    ...{ date: "date", origin: "FROM", delay_min: null },
  });
  assert.deepEqual(matched(FIELDS, ["DELAY--min", "Date Of The Flight", "Origin", "from"]), {
    ...{ date: "Date Of The Flight", origin: "Origin", delay_min: "DELAY--min" },
  });
});

test("a column serves one field", () => {
  const twins = [FIELDS[0], { ...FIELDS[0], name: "Date" }];
  assert.deepEqual(matched(twins, ["date"]), { date: "date", Date: null });
});

test("a field that may not be missing and has no column is told", () => {
  const lacking = unserved(FIELDS, matched(FIELDS, ["origin"]));
  assert.deepEqual(
    lacking.map(({ name }) => name),
    ["date"],
  );
});

test("a column given to another field leaves the one that it served", () => {
  const mapping = remapped({ date: "a", origin: "b", delay_min: null }, "delay_min", "a");
  assert.deepEqual(mapping, { date: null, origin: "b", delay_min: "a" });
  assert.deepEqual(remapped(mapping, "origin", null), { date: null, origin: null, delay_min: "a" });
});
