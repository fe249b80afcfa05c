import assert from "node:assert/strict";
import { test } from "node:test";
import { routed, routesOf } from "../../../../web/shared/segments.js";

/** @param {string} name @param {Record<string, number> | null} codes */
function field(name, codes) {
  const bounds = { nullable: false, low: null, high: null, expectation: "" };
  return { name, dtype: /** @type {const} */ ("category"), column: /** @type {const} */ ("int32"), codes, ...bounds };
}

const TABLE = {
  fields: [field("ship", { a: 0 }), field("quay", { north: 0, south: 1, west: 2 })],
  others: "",
  outputs: [],
  problems_listed: 1,
};

test("a value's code leads to its own model, every other to the model of all", () => {
  assert.deepEqual(routesOf(TABLE, "quay", ["west", "north"]), [2, 0, 1]);
  assert.deepEqual([...routed(Int32Array.of(2, 1, 0, 2), [2, 0, 1])], [1, 0, 2, 1]);
});

test("without a segment field the model of all answers every row", () => {
  assert.deepEqual(routesOf(TABLE, null, []), []);
  assert.deepEqual([...routed(Int32Array.of(0, 3), [])], [0, 0]);
});
