import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { batchSizes } from "../../../../web/bench/measure/plan.js";
import { PIPELINES } from "../../../../web/bench/plain/pipelines.js";

const MODELS = new URL("../../../../models/", import.meta.url);
/** Calls that `warmUpTime` looks at together. */
const WARM_UP_WINDOW = 5;

test("whoever is registered is a pipeline, in the file that is named after it", () => {
  const files = readdirSync(new URL("../../../../web/bench/plain/", import.meta.url));
  for (const name of Object.keys(PIPELINES)) {
    assert.ok(readdirSync(MODELS).includes(name), name);
    assert.ok(files.includes(`${name}.js`), name);
  }
});

test("every plan begins with single records and has calls enough to see a warm-up", () => {
  for (const [name, { plans }] of Object.entries(PIPELINES))
    for (const plan of Object.values(plans)) {
      assert.equal(batchSizes(plan)[0], 1, name);
      assert.ok(plan.warm_up_calls >= WARM_UP_WINDOW, name);
      assert.ok(
        Object.values(plan.samples_per_turn).every((samples) => samples >= 1),
        name,
      );
    }
});

test("what a plan measures in full is what it measures in a hurry", () => {
  for (const [name, { plans }] of Object.entries(PIPELINES))
    assert.deepEqual(batchSizes(plans.full), batchSizes(plans.quick), name);
});

test("a photo's ranking lists the five highest, equals in their order", () => {
  const data = Float32Array.of(0.1, 0.3, 0.3, 0, 0.05, 0.1, 0.1, 0.05);
  const [ranking] = Array.from(PIPELINES.see.decode({ data, dims: [1, 8] }));
  assert.deepEqual(
    /** @type {readonly {index: number}[]} */ (ranking).map(({ index }) => index),
    [1, 2, 0, 5, 6],
  );
});
