import assert from "node:assert/strict";
import { test } from "node:test";
import { deviationText, proofRows } from "../../../../web/app/proof.js";

const comparison = (/** @type {any} */ changes) => ({
  execution: "graph",
  what: "fp32",
  values: 10,
  deviation: 0,
  passed: true,
  ...changes,
});

test("what was compared of one execution stands together, at its worst", () => {
  const comparisons = [
    comparison({ deviation: 2e-6 }),
    comparison({ execution: "other" }),
    comparison({ what: "int8", deviation: 5e-7 }),
  ];
  assert.deepEqual(proofRows({ tolerance: 1e-5, records: { golden: 1, random: 1 }, graph_reason: null, comparisons }), [
    { execution: "graph", what: "fp32, int8", values: 20, deviation: 2e-6 },
    { execution: "other", what: "fp32", values: 10, deviation: 0 },
  ]);
});

test("deviations are written as people write powers of ten", () => {
  assert.equal(deviationText(0), "none");
  assert.equal(deviationText(5.78e-6), "5.8 × 10⁻⁶");
  assert.equal(deviationText(1e-5), "1.0 × 10⁻⁵");
  assert.equal(deviationText(12), "1.2 × 10¹");
});
