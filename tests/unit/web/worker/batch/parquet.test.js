import assert from "node:assert/strict";
import { test } from "node:test";
import { parquetWriteBuffer } from "hyparquet-writer";
import { valueReader } from "../../../../../web/shared/cells.js";
import { readAll } from "./reading.js";

/**
 * @param {Parameters<typeof parquetWriteBuffer>[0]["columnData"]} columnData
 * @param {Partial<Parameters<typeof parquetWriteBuffer>[0]>} [options]
 */
function written(columnData, options = {}) {
  return new Uint8Array(parquetWriteBuffer({ columnData, ...options }));
}

/** @param {Uint8Array<ArrayBuffer>} file */
async function firstColumn(file) {
  const { records, source } = await readAll(file, { name: "flights.parquet" });
  return { values: records.map(([, value]) => value), kind: source.columns[0].kind };
}

const MINUTE = new Date("2013-10-05T12:30:00Z");
const SECOND = new Date("2013-10-05T12:30:07Z");

test("texts, numbers, booleans and what is missing come as they are", async () => {
  const texts = await firstColumn(written([{ name: "a", type: "STRING", data: ["x", null, ""] }]));
  assert.deepEqual(texts, { values: ["x", null, ""], kind: "text" });
  const doubles = await firstColumn(written([{ name: "a", type: "DOUBLE", data: [1.5, null, -0.25] }]));
  assert.deepEqual(doubles, { values: [1.5, null, -0.25], kind: "double" });
  const longs = await firstColumn(written([{ name: "a", type: "INT64", data: [1n, 2n ** 60n] }]));
  assert.deepEqual(longs, { values: [1n, 2n ** 60n], kind: "int64" });
  const truths = await firstColumn(written([{ name: "a", type: "BOOLEAN", data: [true, null, false] }]));
  assert.deepEqual(truths, { values: [true, null, false], kind: "boolean" });
});

test("moments with a zone become texts, with seconds where there are some", async () => {
  const { values } = await firstColumn(written([{ name: "a", type: "TIMESTAMP", data: [MINUTE, SECOND, null] }]));
  assert.deepEqual(values, ["2013-10-05T12:30Z", "2013-10-05T12:30:07Z", null]);
});

/** @param {import("hyparquet").SchemaElement} element @param {any[]} data */
function typed(element, data) {
  const schema = [
    { name: "root", num_children: 1 },
    { repetition_type: "OPTIONAL", ...element },
  ];
  return written([{ name: element.name, data }], { schema: /** @type {any} */ (schema) });
}

test("moments without a zone become texts without one, which the validator refuses", async () => {
  for (const [unit, factor] of /** @type {const} */ ([
    ["MILLIS", 1n],
    ["MICROS", 1000n],
    ["NANOS", 1_000_000n],
  ])) {
    const logical_type = { type: /** @type {const} */ ("TIMESTAMP"), isAdjustedToUTC: false, unit };
    const data = [BigInt(MINUTE.getTime()) * factor];
    const { values } = await firstColumn(typed({ name: "a", type: "INT64", logical_type }, data));
    assert.deepEqual(values, ["2013-10-05T12:30"], unit);
  }
});

test("dates and times of day become texts", async () => {
  const dates = await firstColumn(typed({ name: "a", type: "INT32", converted_type: "DATE" }, [15983, -1]));
  assert.deepEqual(dates, { values: ["2013-10-05", "1969-12-31"], kind: "text" });
  const logical_type = {
    type: /** @type {const} */ ("TIME"),
    isAdjustedToUTC: false,
    unit: /** @type {const} */ ("MICROS"),
  };
  const times = await firstColumn(typed({ name: "a", type: "INT64", logical_type }, [30_600_000_000n, 61_000_000n]));
  assert.deepEqual(times, { values: ["08:30", "00:01:01"], kind: "text" });
});

test("lists, objects and bytes stay what they are, for the validator to refuse", async () => {
  const bytes = await firstColumn(written([{ name: "a", type: "BYTE_ARRAY", data: [Uint8Array.of(1, 2)] }]));
  assert.deepEqual(valueReader({ dtype: "text", codes: null })(bytes.values[0]), [1, 2]);
  const schema = [
    { name: "root", num_children: 1 },
    ...[{ name: "a", num_children: 1, repetition_type: "OPTIONAL", converted_type: "LIST" }],
    ...[
      { name: "list", num_children: 1, repetition_type: "REPEATED" },
      { name: "element", type: "INT32", repetition_type: "OPTIONAL" },
    ],
  ];
  const lists = await firstColumn(
    written([{ name: "a", data: [[1, 2], null] }], { schema: /** @type {any} */ (schema) }),
  );
  assert.deepEqual(lists, { values: [[1, 2], null], kind: "other" });
});

test("all row groups are read, each row once, wherever reading goes on", async () => {
  const count = 5000;
  const data = Array.from({ length: count }, (_, place) => place);
  const names = data.map((place) => `name ${place % 7}`);
  const columnData = [
    { name: "n", type: /** @type {const} */ ("INT32"), data },
    { name: "text", type: /** @type {const} */ ("STRING"), data: names },
  ];
  const { source, records, places } = await readAll(written(columnData, { rowGroupSize: 700 }), { rows: 333 });
  assert.equal(source.rows, count);
  assert.deepEqual(
    records,
    data.map((place) => [place + 1, place, names[place]]),
  );
  const part = await source.read(places[5], ["text"], 10);
  assert.equal(part.rows[0], places[5].record + 1);
  assert.equal(part.columns[0].values[0], names[places[5].record]);
});

test("a table without rows has none", async () => {
  const { records } = await readAll(written([{ name: "a", type: "STRING", data: [] }]));
  assert.deepEqual(records, []);
});

test("large numbers without a sign keep every digit", async () => {
  const large = 2n ** 64n - 1n;
  const { values, kind } = await firstColumn(
    typed({ name: "a", type: "INT64", converted_type: "UINT_64" }, [1n, large]),
  );
  assert.deepEqual([values.map(String), kind], [["1", String(large)], "text"]);
});

test("moments and days that no calendar here has are texts that are refused", async () => {
  const logical_type = {
    type: /** @type {const} */ ("TIMESTAMP"),
    isAdjustedToUTC: true,
    unit: /** @type {const} */ ("MICROS"),
  };
  const moments = await firstColumn(typed({ name: "a", type: "INT64", logical_type }, [2n ** 63n - 1n]));
  assert.deepEqual(moments.values, ["9223372036854775807 µs since 1970"]);
  const days = await firstColumn(typed({ name: "a", type: "INT32", converted_type: "DATE" }, [2 ** 31 - 1]));
  assert.deepEqual(days.values, ["2147483647 days since 1970"]);
});

test("a file with fewer rows than it says is refused before any is read", async () => {
  const file = written([{ name: "a", type: "STRING", data: ["x", "y", "z"] }]);
  // As Thrift writes it, the count of 3 is a byte of 6; one of those in the footer is that of the file.
  const places = [...file.keys()].filter((place) => place > file.length / 4 && file[place] === 6);
  /** @type {string[]} */
  const refused = [];
  for (const place of places) {
    const spoilt = file.slice();
    spoilt[place] = 20;
    await readAll(spoilt, { name: "flights.parquet" }).catch(({ message }) => refused.push(message));
  }
  assert.ok(
    refused.some((message) => /it says 10 rows, and has groups of 3/.test(message)),
    refused.join("; "),
  );
});

test("a file cut short is refused as a whole, and tells what to do", async () => {
  const file = written([{ name: "a", type: "STRING", data: ["x"] }]);
  await assert.rejects(readAll(file.slice(0, -6), { name: "flights.parquet" }), {
    kind: "validation",
    message: /^flights\.parquet: got a Parquet file that can't be read \(.*\), expected a whole one; write it anew$/,
  });
});

test("what is damaged inside is refused where it is read", async () => {
  const data = Array.from({ length: 2000 }, (_, place) => `text ${place}`);
  const file = written([{ name: "a", type: "STRING", data }]);
  file.fill(0xff, 20, 400);
  await assert.rejects(readAll(file, { name: "flights.parquet" }), { kind: "validation", message: /can't be read/ });
});
