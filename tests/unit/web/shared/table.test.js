import assert from "node:assert/strict";
import { test } from "node:test";
import { readTable } from "../../../../web/shared/table.js";
import { platform } from "./site.js";
import { tableBytes } from "./tables.js";

const BYTES = tableBytes({
  table: "origin-hour",
  as_of_min: 23016270,
  key_fields: ["origin", "hour"],
  keys: [
    ["JFK", 8],
    ["EWR", 8],
    ["JFK", 9],
  ],
  columns: { mean_delay: [1.5, Number.NaN, -3], flights: [10, 20, 30] },
  defaults: [null, 0.1],
});

/** @param {Uint8Array} bytes */
function read(bytes) {
  return readTable(bytes, "table.bin", platform);
}

test("a table says what it is and as of when", () => {
  const table = read(BYTES);
  assert.deepEqual([table.name, table.as_of_min, table.key_fields], ["origin-hour", 23016270, ["origin", "hour"]]);
});

test("a key has its row's values, with null for what is missing", () => {
  const table = read(BYTES);
  assert.deepEqual(table.lookup({ origin: "JFK", hour: 9, carrier: "DL" }), { mean_delay: -3, flights: 30 });
  assert.deepEqual(table.lookup({ origin: "EWR", hour: 8 }), { mean_delay: null, flights: 20 });
});

test("an unknown key, one in part and one of another type get the defaults, as float32", () => {
  const table = read(BYTES);
  for (const record of [{ origin: "LGA", hour: 8 }, { origin: "JFK" }, { origin: "JFK", hour: null }, {}]) {
    assert.deepEqual(table.lookup(record), { mean_delay: null, flights: Math.fround(0.1) });
    assert.equal(table.has(record), false);
  }
  assert.equal(table.has({ origin: "JFK", hour: "8" }), false);
  assert.ok(table.has({ origin: "JFK", hour: 8 }));
});

test("a table without key fields has one row for everyone", () => {
  const parts = { table: "_all", as_of_min: 0, key_fields: [], keys: [[]], columns: { n: [7] }, defaults: [0] };
  assert.deepEqual(read(tableBytes(parts)).lookup({ anything: 1 }), { n: 7 });
});

test("a table that lies anywhere in a larger buffer is read alike", () => {
  const shifted = Buffer.concat([Uint8Array.of(1, 2, 3), BYTES]).subarray(3);
  assert.deepEqual(read(shifted).lookup({ origin: "JFK", hour: 8 }), { mean_delay: 1.5, flights: 10 });
});

const DAMAGED = {
  "cut short": [BYTES.subarray(0, -4), /got 20 bytes of values, expected 24/],
  empty: [new Uint8Array(), /expected JSON/],
  "without an end of its first line": [Buffer.from("{}"), /expected JSON/],
  "another thing": [Buffer.from("null\n"), /got format undefined, expected 1/],
  "another format": [Buffer.from('{"format": 2}\n'), /got format 2, expected 1/],
};
for (const [label, [bytes, message]] of Object.entries(DAMAGED)) {
  test(`a file that is no table is refused: ${label}`, () => {
    assert.throws(() => read(/** @type {Uint8Array} */ (bytes)), { kind: "artefact", message });
  });
}
