import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ablationTable,
  compressionRows,
  learnedText,
  measureTitle,
  qualityTable,
  segmentRows,
  situationTable,
} from "../../../../web/app/card.js";
import { difference } from "./compression-facts.js";

test("each released variant is told by size, speed and worst loss", () => {
  const ratio = { median: 0.2, lower_quartile: 0.16, upper_quartile: 0.25 };
  const time = { batch: 1, median_ms: 0.0123, ratio };
  const quality = { day: difference(0.01), night: difference(0.02) };
  const rows = [
    { name: "fp32", size_bytes: 92_000, times: [{ ...time, ratio: { ...ratio, median: 1 } }], quality: null },
    { name: "small", size_bytes: 4600, times: [time], quality },
  ];
  const compression = { base: "fp32", loss: "error", relative: true, threads: 1, batches: [1], rows };
  const small = { name: "small", size: "5 kB", smaller: "20×", times: ["5.00× (4.00 to 6.25)"] };
  assert.deepEqual(compressionRows(compression), [
    { name: "fp32", size: "92 kB", smaller: "1×", times: ["12 µs"], worst: "" },
    { ...small, worst: "+2.00% (+1.00% to +3.00%), night" },
  ]);
  assert.equal(compressionRows({ ...compression, relative: false })[1].worst, "+0.2 (+0.1 to +0.3), night");
});

test("measures read as words, with what they were taken in and their unit", () => {
  assert.deepEqual(measureTitle("before_departure_mae_min"), { group: "Before departure", title: "MAE, min" });
  assert.deepEqual(measureTitle("accuracy"), { group: "", title: "Accuracy" });
  assert.deepEqual(measureTitle("top_five"), { group: "", title: "Top five" });
});

test("columns of one situation stand under one heading", () => {
  const quality = { a_mae: 1, a_rmse: 2, b_mae: 3 };
  const card = /** @type {any} */ ({ baselines: { mean: quality }, variants: [{ name: "fp32", quality }] });
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

test("the ablation sets what is known beside the errors, in the columns of the quality table", () => {
  const rows = [
    { name: "schedule", before_departure_mae_min: 23.862, after_departure_mae_min: 11.9 },
    { name: "both", before_departure_mae_min: 20.1, after_departure_mae_min: 11.25 },
  ];
  const table = ablationTable({ rows, note: "" });
  assert.deepEqual(table.groups, [
    { title: "Before departure", span: 1 },
    { title: "After departure", span: 1 },
  ]);
  assert.deepEqual(
    table.rows.map(({ name, values }) => [name, ...values]),
    [
      ["Schedule", "23.86", "11.90"],
      ["Both", "20.10", "11.25"],
    ],
  );
});

test("a segment's model is kept or not for a reason that its numbers give", () => {
  const validation = { global_mae_min: 20.456, segment_mae_min: 20.1, low: -0.6, high: -0.11 };
  const compared = [
    { value: "EWR", variant: "fp32", validation, kept: true },
    { value: "LGA", variant: "fp32", validation: { ...validation, segment_mae_min: 20.5, high: 0.2 }, kept: false },
    { value: "JFK", variant: "fp32", validation, kept: false },
  ];
  const [kept, dropped, unkept] = segmentRows({ field: "origin", compared });
  assert.deepEqual([kept.global, kept.segment, kept.kept], ["20.46", "20.10", true]);
  assert.equal(kept.reason, "Kept: 0.11 to 0.6 min better");
  assert.equal(dropped.reason, "Not kept: 0.2 worse to 0.6 min better");
  assert.equal(unkept.reason, "Not kept, though 0.11 to 0.6 min better");
});

test("situations that only the model was measured in have a table of their own", () => {
  const quality = { before_mae_min: 20, before_rmse_min: 30, before_without_news_mae_min: 25.5 };
  const card = /** @type {any} */ ({
    baselines: { mean: { before_mae_min: 24, before_rmse_min: 38 } },
    variants: [
      { name: "fp32", quality },
      { name: "int8", quality: { ...quality, before_mae_min: 21 } },
    ],
  });
  assert.deepEqual(
    qualityTable(card).columns.map(({ key }) => key),
    ["before_mae_min", "before_rmse_min"],
  );
  const { groups, columns, rows } = situationTable(card);
  assert.deepEqual(groups, [
    { title: "fp32", span: 2 },
    { title: "int8", span: 2 },
  ]);
  assert.deepEqual(
    columns.map(({ title }) => title),
    ["MAE, min", "RMSE, min", "MAE, min", "RMSE, min"],
  );
  assert.deepEqual(
    rows.map(({ name, values }) => [name, ...values]),
    [
      ["Before", "20.00", "30.00", "21.00", "30.00"],
      ["Before without news", "25.50", "", "25.50", ""],
    ],
  );
});

test("what was learned from is told with its days, or without where the data have none", () => {
  const rows = { train_rows: 16000, test_rows: 4000 };
  const asked = "Errors on those, smaller is better:";
  assert.equal(learnedText(rows), `It learned from 16,000 rows and was tested on 4,000 others. ${asked}`);
  const train_period = /** @type {[string, string]} */ (["2013-01-01", "2013-09-30"]);
  const test_period = /** @type {[string, string]} */ (["2013-10-01", "2013-12-31"]);
  const days =
    "1 January 2013 to 30 September 2013 and was tested on 4,000 later ones, of 1 October 2013 to 31 December 2013";
  assert.equal(learnedText({ ...rows, train_period, test_period }), `It learned from 16,000 rows of ${days}. ${asked}`);
});
