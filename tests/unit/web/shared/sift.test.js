import assert from "node:assert/strict";
import { test } from "node:test";
import { coded } from "../../../../web/shared/coded.js";
import { encode } from "../../../../web/shared/encoding.js";
import { sift } from "../../../../web/shared/sift.js";

const CODES = { EWR: 0, JFK: 1, ["__proto__"]: 2 };

/** @param {Partial<import("../../../../web/generated/vocabulary.js").EncodedField>} field */
function field({ name = "", dtype = "float32", column = "int32", ...rest }) {
  return {
    name,
    dtype,
    column,
    nullable: false,
    low: null,
    high: null,
    codes: null,
    expectation: `a ${dtype}`,
    ...rest,
  };
}

const TABLE = {
  fields: [
    field({ name: "day", dtype: "date" }),
    field({ name: "origin", dtype: "category", codes: CODES }),
    field({ name: "departs", dtype: "time", nullable: true }),
    field({ name: "delay", dtype: "int32", low: -60, high: 1440, nullable: true }),
    field({ name: "wind", dtype: "float32", column: "float32", low: 0 }),
    field({ name: "night", dtype: "bool", nullable: true }),
    field({ name: "asked_at", dtype: "datetime", nullable: true }),
    field({ name: "tail", dtype: "text", column: null, nullable: true }),
    field({ name: "news", dtype: "float32", column: "float32", nullable: true }),
  ],
  others: "none",
  outputs: [],
  problems_listed: 1000,
};

const GOOD = { day: "2013-10-05", origin: "JFK", departs: "08:30", delay: 12, wind: 3.5, night: true, tail: "N1" };
/** Values at and just beyond every edge. @type {Record<string, unknown[]>} */
const NEAR = {
  day: ["2013-02-29", "2012-02-29", "0000-01-01", "2013-1-5", "", null],
  origin: ["EWR", "ewr", "toString", "__proto__", 5, null],
  departs: ["23:59", "24:00", "8:30", null],
  delay: [-60, -61, 1440, 1441, 0.5, "12", null],
  wind: [0, -1e-30, 3.5e38, Number.NaN, null],
  night: [false, 1, "true", null],
  asked_at: ["2013-10-05T08:30Z", "2013-10-05T08:30", null],
  tail: ["", "N1", "a".repeat(65), "a\n", null],
  news: [1.5, "1.5", [1], { a: 1 }, null],
};

/** @param {number} seed Of a linear congruential generator. */
function drawing(seed) {
  let state = seed;
  return (/** @type {number} */ below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** @param {(below: number) => number} draw */
function drawnRecord(draw) {
  const record = /** @type {Record<string, unknown>} */ ({ ...GOOD });
  for (const [name, values] of Object.entries(NEAR)) if (draw(12) === 0) record[name] = values[draw(values.length)];
  return record;
}

/**
 * @param {readonly Record<string, unknown>[]} records
 * @param {readonly string[]} names
 */
function cellsOf(records, names) {
  return Object.fromEntries(names.map((name) => [name, coded(records.length, (row) => records[row][name] ?? null)]));
}

/** What `encode` says of a record. @param {unknown} record @param {number} row */
function problemsOf(record, row) {
  try {
    encode(TABLE, [record], row);
    return [];
  } catch (error) {
    return /** @type {import("../../../../web/shared/errors.js").ForeshoreError} */ (error).problems;
  }
}

test("good rows, their columns and the problems of others are those of encoding row by row", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const draw = drawing(seed);
    const records = Array.from({ length: 1 + draw(20) }, () => drawnRecord(draw));
    const names = Object.keys(NEAR).filter(() => draw(8) > 0);
    const carried = records.map((record) => Object.fromEntries(names.map((name) => [name, record[name]])));
    const rows = carried.map((_, place) => 10 * place + seed);
    const { good, columns, problems } = sift(TABLE, cellsOf(carried, names), rows);
    const each = carried.map((record, place) => problemsOf(record, rows[place]));
    assert.deepEqual(problems, each.flat(), `seed ${seed}`);
    const fit = carried.filter((_, place) => each[place].length === 0);
    assert.deepEqual(
      [...good],
      [...carried.keys()].filter((place) => each[place].length === 0),
    );
    assert.deepEqual(columns, encode(TABLE, fit), `seed ${seed}`);
  }
});

test("all problems are told, however many", () => {
  const { good, problems } = sift(TABLE, { day: coded(5000, () => "never") }, [...Array(5000).keys()]);
  assert.equal(good.length, 0);
  assert.equal(problems.length, 5000 * 3); // the day, and two that may not be missing
});

test("columns share one buffer, so that one transfer sends them", () => {
  const names = Object.keys(GOOD);
  const { columns } = sift(TABLE, cellsOf([GOOD, GOOD], names), [1, 2]);
  assert.equal(new Set(Object.values(columns).map(({ data }) => data.buffer)).size, 1);
});
