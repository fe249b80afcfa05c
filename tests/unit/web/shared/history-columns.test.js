import assert from "node:assert/strict";
import { test } from "node:test";
import { MISSING_INT } from "../../../../web/generated/vocabulary.js";
import { Archive } from "../../../../web/shared/archive.js";
import { coded } from "../../../../web/shared/coded.js";
import { minutesSinceEpoch } from "../../../../web/shared/encoding.js";
import { History } from "../../../../web/shared/history.js";
import { HistoryColumns } from "../../../../web/shared/history-columns.js";
import { folder, tableBytes } from "./tables.js";

/** Minutes of 2013-10-05T08:00Z, when tables are refreshed. */
const REFRESHED = 23016000;
const DAY = 1440;
const FEATURES = ["route_delay", "route_flights", "hour_delay"];
const VIEW = {
  windows: { windows: [] },
  historical: FEATURES.map((name) => ({ name })),
  tables: { routes: ["route_delay", "route_flights"], hours: ["hour_delay"] },
  derived: [{ name: "departure_hour", field: "departs", part: /** @type {const} */ ("hour") }],
};

/** @param {number} as_of_min @param {number} delay */
function routes(as_of_min, delay) {
  const columns = { route_delay: [delay, Number.NaN], route_flights: [3, 4] };
  const keys = [
    ["JFK", "LAX"],
    ["EWR", "SFO"],
  ];
  return tableBytes({
    ...{ table: "routes", as_of_min, key_fields: ["origin", "destination"], keys, columns, defaults: [null, 0] },
  });
}

const CONTENTS = {
  "index.json": JSON.stringify({
    tables: [
      { table: "routes", as_of_min: REFRESHED, file: "route-0.bin" },
      { table: "routes", as_of_min: REFRESHED + DAY, file: "route-1.bin" },
      { table: "hours", as_of_min: REFRESHED, file: "hour-0.bin" },
    ],
  }),
  "route-0.bin": routes(REFRESHED, 10),
  "route-1.bin": routes(REFRESHED + DAY, 20),
  "hour-0.bin": tableBytes({
    ...{ table: "hours", as_of_min: REFRESHED, key_fields: ["departure_hour"], keys: [["08"], ["17"]] },
    ...{ columns: { hour_delay: [0.1, 7] }, defaults: [1.5] },
  }),
};

const VALUES = {
  origin: ["JFK", "EWR", "LGA", null],
  destination: ["LAX", "SFO"],
  departs: ["08:30", "17:00", "03:15"],
  asked_at: ["2013-10-05T07:59Z", "2013-10-05T08:00Z", "2013-10-06T07:59Z", "2013-10-06T08:00Z", null],
};

/** Every combination of the values. @returns {Record<string, unknown>[]} */
function combinations() {
  /** @type {Record<string, unknown>[]} */
  let records = [{}];
  for (const [name, values] of Object.entries(VALUES))
    records = records.flatMap((record) => values.map((value) => ({ ...record, [name]: value })));
  return records;
}

/**
 * @param {readonly Record<string, unknown>[]} records
 * @param {string[]} names
 */
function columnsOf(records, names) {
  return Object.fromEntries(names.map((name) => [name, coded(records.length, (row) => records[row][name] ?? null)]));
}

/**
 * Columns as sifting leaves them: features missing, the clock read.
 *
 * @param {readonly Record<string, unknown>[]} records
 */
function sifted(records) {
  const rows = records.length;
  const features = FEATURES.map((name) => [name, { data: new Float32Array(rows).fill(Number.NaN), dims: [rows] }]);
  const data = Int32Array.from(records, ({ asked_at }) =>
    typeof asked_at === "string" ? Number(minutesSinceEpoch(asked_at)) : MISSING_INT,
  );
  return { ...Object.fromEntries(features), asked_at: { data, dims: [rows] } };
}

test("columns get what records get", async (context) => {
  const { files, platform } = await folder(context, CONTENTS);
  const archive = new Archive(files, platform);
  const records = combinations();
  for (const names of [Object.keys(VALUES), ["origin", "departs"], ["origin", "destination", "asked_at"]]) {
    const given = records.map((record) => Object.fromEntries(names.map((name) => [name, record[name]])));
    const expected = /** @type {any[]} */ (await new History(VIEW, "asked_at", archive).fill(given));
    const good = Uint32Array.from({ length: records.length / 2 }, (_, place) => 2 * place + 1);
    const columns = sifted(Array.from(good, (row) => given[row]));
    await new HistoryColumns(VIEW, "asked_at", archive).fill(columnsOf(given, names), good, columns);
    for (const name of FEATURES) {
      const values = Array.from(good, (row) => expected[row][name] ?? Number.NaN);
      assert.deepEqual([...columns[name].data], values, `${name} of ${names}`);
    }
  }
});

test("a feature that cells carry stays as they have it", async (context) => {
  const { asked, files, platform } = await folder(context, CONTENTS);
  const record = { origin: "JFK", destination: "LAX", departs: "08:30", route_delay: null, route_flights: 5 };
  const columns = sifted([record]);
  const history = new HistoryColumns(VIEW, "asked_at", new Archive(files, platform));
  await history.fill(columnsOf([record], Object.keys(record)), Uint32Array.of(0), columns);
  assert.deepEqual([columns.route_delay.data[0], columns.hour_delay.data[0]], [Number.NaN, Math.fround(0.1)]);
  assert.deepEqual(asked, ["index.json", "hour-0.bin"]);
});

test("rows that are not good ask for no table", async (context) => {
  const { asked, files, platform } = await folder(context, CONTENTS);
  const rows = [
    { origin: "JFK", destination: "LAX", departs: "08:30", asked_at: "2013-10-05T08:00Z" },
    { origin: "JFK", destination: "LAX", departs: "08:30", asked_at: "2013-10-07T08:00Z" },
  ];
  const history = new HistoryColumns(VIEW, "asked_at", new Archive(files, platform));
  await history.fill(columnsOf(rows, Object.keys(VALUES)), Uint32Array.of(0), sifted(rows.slice(0, 1)));
  assert.ok(!asked.includes("route-1.bin"));
});
