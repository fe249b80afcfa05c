import assert from "node:assert/strict";
import { test } from "node:test";
import { fileName, publicApi, reportText } from "../../../../web/bench/measure/report.js";
import { summarize } from "../../../../web/bench/measure/statistics.js";

test("the public API's figures are those of its single predictions", () => {
  const total = summarize([1, 2, 3]);
  const steady = [{ batch: 1, calls_per_sample: 4, total }];
  const results = /** @type {any} */ ([
    { id: "other", steady: [] },
    { id: "foreshore", steady },
  ]);
  assert.deepEqual(publicApi(results, "foreshore", 1), {
    id: "foreshore",
    p50_ms: 2,
    p95_ms: total.p95,
    count: 12,
    target_ms: 1,
  });
});

test("without a measured public API there are no figures for it", () => {
  assert.equal(publicApi([/** @type {any} */ ({ id: "foreshore", steady: [] })], "foreshore", 1), null);
});

test("the saved text holds the report, samples on one line", () => {
  const report = /** @type {any} */ ({ format: 1, samples: [1.5, 2e-7, -3], names: ["a 1", "b"], none: [] });
  const text = reportText(report);
  assert.deepEqual(JSON.parse(text), report);
  assert.match(text, /"samples": \[1.5, 2e-7, -3\]/);
});

test("a saved report's name tells which run it was, on any file system", () => {
  const pipelines = [{ pipeline: "eta" }, { pipeline: "see" }];
  const report = /** @type {any} */ ({ pipelines, release: "0123", created: "2026-11-24T01:02:03.456Z" });
  assert.equal(fileName(report), "foreshore-bench-eta-see-0123-2026-11-24T010203.json");
});
