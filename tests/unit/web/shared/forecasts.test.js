import assert from "node:assert/strict";
import { test } from "node:test";
import { Archive } from "../../../../web/shared/archive.js";
import { Forecasts } from "../../../../web/shared/forecasts.js";
import { folder, tableBytes } from "./tables.js";

/**
 * @param {number} as_of_min
 * @param {number} delay
 */
function table(as_of_min, delay) {
  return tableBytes({
    ...{ table: "forecasts", as_of_min, key_fields: ["flight", "origin"], columns: { delay_min: [delay, Number.NaN] } },
    keys: [
      ["DL1", "JFK"],
      ["DL2", "JFK"],
    ],
    defaults: [null],
  });
}

/** @param {import("node:test").TestContext} context */
async function opened(context) {
  const tables = [
    { table: "forecasts", as_of_min: 100, file: "a.bin", day: "2013-10-05" },
    { table: "forecasts", as_of_min: 200, file: "b.bin", day: "2013-10-06" },
    { table: "forecasts", as_of_min: 300, file: "c.bin", day: "2013-10-06" },
  ];
  const { asked, files, platform } = await folder(context, {
    "index.json": JSON.stringify({ tables }),
    "a.bin": table(100, 1),
    "b.bin": table(200, 2),
    "c.bin": table(300, 3),
  });
  return { asked, forecasts: new Forecasts(new Archive(files, platform)) };
}

const KEY = { flight: "DL1", origin: "JFK" };

test("a key has the newest answer for its day, of those that were computed by then", async (context) => {
  const { forecasts, asked } = await opened(context);
  assert.deepEqual(await forecasts.find(KEY, "2013-10-06", null), { outputs: { delay_min: 3 }, as_of_min: 300 });
  assert.deepEqual(await forecasts.find(KEY, "2013-10-06", 299), { outputs: { delay_min: 2 }, as_of_min: 200 });
  assert.deepEqual(asked, ["index.json", "c.bin", "b.bin"]);
  assert.deepEqual(await forecasts.find(KEY, "2013-10-05", null), { outputs: { delay_min: 1 }, as_of_min: 100 });
});

test("there is none for another day, an earlier time, an unknown key, or where it is missing", async (context) => {
  const { forecasts } = await opened(context);
  assert.equal(await forecasts.find(KEY, "2013-10-07", null), null);
  assert.equal(await forecasts.find(KEY, "2013-10-06", 199), null);
  assert.equal(await forecasts.find({ ...KEY, flight: "DL9" }, "2013-10-06", null), null);
  assert.equal(await forecasts.find({ ...KEY, flight: "DL2" }, "2013-10-06", null), null);
});

test("a key without one of its fields is refused, by name", async (context) => {
  const { forecasts } = await opened(context);
  const asked = forecasts.find({ flight: "DL1" }, "2013-10-06", null);
  const message = /origin: got nothing, expected a text or a number; a key has the fields flight, origin/;
  await assert.rejects(asked, { kind: "validation", field: "origin", message });
});
