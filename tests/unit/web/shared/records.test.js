import assert from "node:assert/strict";
import { test } from "node:test";
import { batches, eventsToJson, recordsToJson, snapshots } from "../../../../web/shared/records.js";

test("records become the JSON that they are", () => {
  const records = [{ date: "2013-10-05", delay: -3.5, known: true, gate: null }, { text: 'a "quoted" line\n' }];
  assert.deepEqual(JSON.parse(recordsToJson(records)), records);
});

test("numbers that JSON lacks keep their meaning, in the form that Python reads", () => {
  const record = { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY };
  assert.equal(recordsToJson([record]), '[{"a":NaN,"b":Infinity,"c":-Infinity}]');
});

test("an undefined value is absent, an undefined record is none", () => {
  assert.equal(recordsToJson([{ a: 1, b: undefined }, undefined]), '[{"a":1},null]');
});

const circular = /** @type {any} */ ([]);
circular.push(circular);

let deep = /** @type {unknown[]} */ ([]);
for (let level = 0; level < 100_000; level++) deep = [deep];

const STRANGE = { function: () => 1, symbol: Symbol("s"), bigint: 10n, circular, deep };
for (const [label, value] of Object.entries(STRANGE)) {
  test(`what JSON cannot hold says so at its field: ${label}`, () => {
    const [record] = JSON.parse(recordsToJson([{ good: 1, bad: value }]));
    assert.equal(record.good, 1);
    assert.equal(typeof record.bad["not JSON"], "string");
  });
}

test("a getter that throws is told at its field", () => {
  const record = {
    get bad() {
      throw new Error("broken getter");
    },
  };
  assert.equal(recordsToJson([record]), '[{"bad":{"not JSON":"Error: broken getter"}}]');
});

test("records that are no objects reach the validator as they are", () => {
  assert.equal(recordsToJson([5, "text", null, [1], Number.NaN, true]), '[5,"text",null,[1],NaN,true]');
});

test("events become pairs of type and event, and keep numbers that JSON lacks", () => {
  const text = eventsToJson([
    ["departures", { id: "a", delay_min: Number.NaN }],
    ["arrivals", null],
  ]);
  assert.equal(text, '[["departures",{"id":"a","delay_min":NaN}],["arrivals",null]]');
});

test("what is no pair travels as it is, so that it is counted in its place", () => {
  const strange = [5, null, undefined, "departures", ["departures"], ["departures", {}, 1], { type: "departures" }];
  const text = eventsToJson([...strange, [undefined, {}], [() => 1, {}]]);
  assert.deepEqual(JSON.parse(text), [
    ...[5, null, null, "departures", ["departures"], ["departures", {}, 1], { type: "departures" }],
    [null, {}],
    [{ "not JSON": "a function" }, {}],
  ]);
});

test("a snapshot keeps what a record held, whatever becomes of it", () => {
  const record = { delay: 5, gate: undefined };
  const [kept, ...others] = snapshots([record, null, [1], 7]);
  record.delay = 6;
  assert.deepEqual(kept, { delay: 5, gate: undefined });
  assert.deepEqual(others, [null, [1], 7]);
});

test("a snapshot of a getter that throws says so at its field", () => {
  const record = {
    good: 1,
    get bad() {
      throw new Error("broken getter");
    },
  };
  assert.deepEqual(snapshots([record]), [{ good: 1, bad: { "not JSON": "Error: broken getter" } }]);
});

/** @param {AsyncIterable<{start: number, records: unknown[]}>} iterable */
async function collected(iterable) {
  const all = [];
  for await (const each of iterable) all.push(each);
  return all;
}

test("rows come in batches that know where they start", async () => {
  assert.deepEqual(await collected(batches([1, 2, 3, 4, 5], 2)), [
    { start: 0, records: [1, 2] },
    { start: 2, records: [3, 4] },
    { start: 4, records: [5] },
  ]);
});

test("rows may come one by one from elsewhere, and nothing is read ahead of need", async () => {
  let read = 0;
  async function* rows() {
    for (; ; read++) yield read;
  }
  const { value } = await batches(rows(), 3).next();
  assert.deepEqual(value, { start: 0, records: [0, 1, 2] });
  assert.equal(read, 2);
});

test("no rows are no batches", async () => {
  assert.deepEqual(await collected(batches([], 4)), []);
});
