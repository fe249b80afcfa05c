import assert from "node:assert/strict";
import { test } from "node:test";
import { changed, coded, packed, taken } from "../../../../web/shared/coded.js";

/** @param {{values: unknown[], codes: ArrayLike<number>}} column */
function plain({ values, codes }) {
  return Array.from(codes, (code) => values[code]);
}

const COLUMN = ["b", "a", null, "b", 1, "1"];

test("each value is held once, in the order in which they come", () => {
  const column = coded(COLUMN.length, (row) => COLUMN[row]);
  assert.deepEqual(column.values, ["b", "a", null, 1, "1"]);
  assert.deepEqual(plain(column), COLUMN);
});

test("some rows bring no values that they don't have", () => {
  const column = taken(
    coded(COLUMN.length, (row) => COLUMN[row]),
    Uint32Array.of(1, 4),
  );
  assert.deepEqual(column.values, ["a", 1]);
  assert.deepEqual(plain(column), ["a", 1]);
});

test("a change is made once a value", () => {
  let calls = 0;
  const column = changed(
    coded(COLUMN.length, (row) => COLUMN[row]),
    (value) => `${value}${++calls}`,
  );
  assert.equal(calls, 5);
  assert.deepEqual(plain(column).at(-1), "15");
});

test("codes take the fewest bytes that they fit", () => {
  for (const [distinct, bytes] of [
    [256, 1],
    [257, 2],
    [65_536, 2],
    [65_537, 4],
  ]) {
    const stored = packed(coded(distinct, (row) => row));
    assert.equal(stored.codes.BYTES_PER_ELEMENT, bytes);
    assert.equal(stored.values[stored.codes[distinct - 1]], distinct - 1);
  }
});
