import assert from "node:assert/strict";
import { test } from "node:test";
import { measureTitle, qualityTable } from "../../../../web/app/card.js";

test("measures read as words, with what they were taken in and their unit", () => {
  assert.deepEqual(measureTitle("before_departure_mae_min"), { group: "Before departure", title: "MAE, min" });
  assert.deepEqual(measureTitle("accuracy"), { group: "", title: "Accuracy" });
  assert.deepEqual(measureTitle("top_five"), { group: "", title: "Top five" });
});

test("columns of one situation stand under one heading", () => {
  const quality = { a_mae: 1, a_rmse: 2, b_mae: 3 };
  const card = /** @type {any} */ ({ baselines: {}, variants: [{ name: "fp32", quality }] });
  assert.deepEqual(qualityTable(card).groups, [
    { title: "A", span: 2 },
    { title: "B", span: 1 },
  ]);
});

test("the table sets every variant beside every baseline, and leaves blank what was not measured", () => {
  const variant = { parameters: 1, size_bytes: 1 };
  const table = qualityTable(
    /** @type {any} */ ({
      baselines: { mean: { a_mae_min: 24.354 }, departure_delay_plus_constant: { b_mae_min: 12.25 } },
      variants: [
        { ...variant, name: "fp32", quality: { a_mae_min: 23.7, b_mae_min: 12 } },
        { ...variant, name: "int8", quality: { a_mae_min: 23.8, b_mae_min: 12.1 } },
      ],
    }),
  );
  assert.deepEqual(
    table.columns.map(({ key }) => key),
    ["a_mae_min", "b_mae_min"],
  );
  assert.deepEqual(table.rows, [
    { name: "Mean", released: false, values: ["24.35", ""] },
    { name: "Departure delay plus constant", released: false, values: ["", "12.25"] },
    { name: "This model, fp32", released: true, values: ["23.70", "12.00"] },
    { name: "This model, int8", released: true, values: ["23.80", "12.10"] },
  ]);
});
