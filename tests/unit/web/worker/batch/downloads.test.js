import assert from "node:assert/strict";
import { test } from "node:test";
import { parquetReadObjects } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { resultColumns } from "../../../../../web/shared/jobs.js";
import { badRowsAsCsv, resultsAsCsv, resultsAsParquet } from "../../../../../web/worker/batch/downloads.js";
import { Running } from "../../../../../web/worker/batch/running.js";
import { answer, flights, jobOver, TABLE } from "./jobs.js";
import { readAll } from "./reading.js";

const COUNT = 250_000;

/** @param {Blob} file @param {object} [facts] */
async function ran(file, facts) {
  const { job, source } = await jobOver(file, facts);
  /** @type {import("../../../../../web/shared/jobs.js").Chunk[]} */
  const chunks = [];
  /** @type {{rows: import("../../../../../web/shared/jobs.js").BadRow[]}[]} */
  const problems = [];
  const keep = async (
    /** @type {unknown} */ _,
    /** @type {import("../../../../../web/worker/batch/store.js").Advance} */ step,
  ) => {
    if (step.chunk.rows.length) chunks.push(step.chunk); // as the store does
    problems.push({ rows: step.problems });
  };
  const means = { source, table: TABLE, history: null, answer, keep, onProgress: () => {}, now_ms: () => 0 };
  const ended = await new Running(job, means).run();
  return { job: ended.job, chunks: each(chunks), problems: each(problems) };
}

/**
 * @template T
 * @param {readonly T[]} values
 */
async function* each(values) {
  yield* values;
}

test("results come back from CSV as they were", async () => {
  const { job, chunks } = await ran(flights(20_000, 500));
  const file = await resultsAsCsv(job, chunks);
  const { source, records } = await readAll(file, { rows: 8000 });
  assert.deepEqual(
    source.columns.map(({ name }) => name),
    ["row", "id", "origin", "minutes"],
  );
  assert.equal(records.length, 20_000 - 40);
  assert.deepEqual(records[499], [500, "501", "501", "JFK", "11"]);
});

test("results come back from Parquet as they were, with their types", async () => {
  const { job, chunks } = await ran(flights(COUNT, 500));
  const buffer = await (await resultsAsParquet(job, chunks)).arrayBuffer();
  const rows = await parquetReadObjects({ file: buffer });
  assert.equal(rows.length, COUNT - COUNT / 500);
  assert.deepEqual(rows[499], { row: 501, id: "501", origin: "JFK", minutes: 11 });
  assert.deepEqual(rows.at(-1), { row: COUNT - 1, id: String(COUNT - 1), origin: "JFK", minutes: 59 });
});

test("numbers that no double holds go into Parquet as they are", async () => {
  const large = 2n ** 64n - 1n;
  const schema = [
    { name: "root", num_children: 3 },
    { name: "id", type: "INT64", converted_type: "UINT_64", repetition_type: "OPTIONAL" },
    { name: "origin", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
    { name: "delay", type: "DOUBLE", repetition_type: "OPTIONAL" },
  ];
  const columnData = [
    { name: "id", data: [1n, large] },
    { name: "origin", data: ["JFK", "EWR"] },
    { name: "delay", data: [1, 2] },
  ];
  const { job, chunks } = await ran(
    new Blob([parquetWriteBuffer({ columnData, schema: /** @type {any} */ (schema) })]),
  );
  const rows = await parquetReadObjects({ file: await (await resultsAsParquet(job, chunks)).arrayBuffer() });
  assert.deepEqual(
    rows.map(({ id }) => id),
    ["1", String(large)],
  );
});

test("a job without answers gives files with a header alone", async () => {
  const { job, chunks } = await ran(flights(10, 1));
  assert.equal(await (await resultsAsCsv(job, chunks)).text(), "row,id,origin,minutes\n");
  const again = await ran(flights(10, 1));
  const buffer = await (await resultsAsParquet(again.job, again.chunks)).arrayBuffer();
  assert.deepEqual(await parquetReadObjects({ file: buffer }), []);
});

test("bad rows are a table of row, field and reason", async () => {
  const { problems } = await ran(new Blob(["id,origin,delay\n1,XX,500\n2,JFK\n"]));
  assert.equal(
    await (await badRowsAsCsv(problems)).text(),
    [
      "row,field,reason",
      '1,origin,"got ""XX"", expected one of EWR, JFK"',
      '1,delay,"got 500, expected a number from 0 to 100"',
      '2,,"got 2 cells, expected 3"',
      "",
    ].join("\n"),
  );
});

test("columns of one name are told apart", async () => {
  const { job } = await ran(new Blob(["minutes,row,origin,delay\n1,7,JFK,2\n"]), { carried: ["minutes", "row"] });
  assert.deepEqual(
    resultColumns(job).map(({ name }) => name),
    ["minutes", "carried_row", "predicted_minutes"],
  );
  const names = ["row", "carried_row", "minutes", "predicted_minutes", "best_index"];
  const columns = names.map((name) => ({ name, kind: /** @type {const} */ ("text") }));
  const outputs = [job.outputs[0], { ...job.outputs[0], name: "best", labels: ["a", "b"] }];
  assert.deepEqual(
    resultColumns({ columns, carried: names, outputs }).map(({ name }) => name),
    [
      ...["carried_carried_row", "carried_row", "minutes", "predicted_minutes", "best_index"],
      ...["predicted_predicted_minutes", "predicted_best_label", "predicted_best_index", "predicted_best_score"],
    ],
  );
});
