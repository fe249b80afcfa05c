import assert from "node:assert/strict";
import { test } from "node:test";
import { buffersOf, runByModel } from "../../../../web/shared/tensors.js";

/**
 * @param {number[]} values
 * @param {number[]} dims
 */
function floats(values, dims) {
  return { data: Float32Array.from(values), dims };
}

/** Adds a thousand times the model's number to what it is fed, so that a row tells who answered it. */
async function numbered(
  /** @type {number} */ model,
  /** @type {import("../../../../web/shared/protocol.js").Tensors} */ { x },
) {
  return { y: { data: /** @type {Float32Array} */ (x.data).map((value) => value + 1000 * model), dims: x.dims } };
}

test("a buffer that several tensors share is transferred once", () => {
  const shared = new ArrayBuffer(16);
  const a = { data: new Float32Array(shared, 0, 2), dims: [2] };
  const b = { data: new Int32Array(shared, 8, 2), dims: [2] };
  const c = floats([1], [1]);
  assert.deepEqual(buffersOf({ a, b, c }), [shared, c.data.buffer]);
});

test("each row is answered by its model, in the order of the rows", async () => {
  const feeds = { x: floats([0, 1, 2, 3, 4, 5, 6, 7], [4, 2]) };
  const { y } = await runByModel(numbered, feeds, Int32Array.of(2, 0, 2, 1));
  assert.deepEqual(y.dims, [4, 2]);
  assert.deepEqual([...y.data], [2000, 2001, 2, 3, 2004, 2005, 1006, 1007]);
});

test("every split of rows gives what the rows give one by one", async () => {
  for (let code = 0; code < 3 ** 4; code++) {
    const models = Int32Array.from({ length: 4 }, (_, row) => Math.floor(code / 3 ** row) % 3);
    const { y } = await runByModel(numbered, { x: floats([10, 20, 30, 40], [4]) }, models);
    assert.deepEqual(
      [...y.data],
      [...models].map((model, row) => 10 * (row + 1) + 1000 * model),
    );
  }
});

test("rows of one model are not copied", async () => {
  const feeds = { x: floats([1, 2], [2]) };
  /** @type {unknown[]} */
  const given = [];
  const run = async (/** @type {number} */ model, /** @type {any} */ fed) => {
    given.push(model, fed);
    return fed;
  };
  assert.equal(await runByModel(run, feeds, Int32Array.of(1, 1)), feeds);
  assert.deepEqual(given, [1, feeds]);
});

test("no rows at all are the first model's", async () => {
  const { y } = await runByModel(numbered, { x: floats([], [0]) }, new Int32Array());
  assert.equal(y.data.length, 0);
});

test("a feed without rows goes to every model as it is, and other types stay what they are", async () => {
  const feeds = {
    x: { data: BigInt64Array.of(1n, 2n), dims: [2] },
    table: floats([7, 8, 9], [3]),
  };
  /** @type {any[]} */
  const fed = [];
  const run = async (/** @type {number} */ _model, /** @type {any} */ part) => {
    fed.push(part);
    return { y: part.x };
  };
  const { y } = await runByModel(run, feeds, Int32Array.of(1, 0));
  assert.deepEqual(y, feeds.x);
  assert.ok(fed.every(({ table }) => table === feeds.table));
});

test("a model that gives other rows than it was asked for is refused", async () => {
  const run = async (/** @type {number} */ model) => ({ y: floats(Array(model + 1).fill(0), [model + 1]) });
  const running = runByModel(run, { x: floats([1, 2, 3], [3]) }, Int32Array.of(0, 1, 2));
  await assert.rejects(running, { kind: "model", message: /tensor y: got shape 2, expected 1 rows/ });
});
