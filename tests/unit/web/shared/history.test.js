import assert from "node:assert/strict";
import { test } from "node:test";
import { Archive } from "../../../../web/shared/archive.js";
import { History } from "../../../../web/shared/history.js";
import { folder, tableBytes } from "./tables.js";

/** Minutes of 2013-10-05T08:00Z, when tables are refreshed. */
const REFRESHED = 23016000;
const DAY = 1440;

const VIEW = {
  windows: { windows: [] },
  historical: ["route_delay", "route_flights", "hour_delay"].map((name) => ({ name })),
  tables: { routes: ["route_delay", "route_flights"], hours: ["hour_delay"] },
  derived: [{ name: "departure_hour", field: "departs", part: /** @type {const} */ ("hour") }],
};

/**
 * @param {number} as_of_min
 * @param {number} delay
 */
function route(as_of_min, delay) {
  const columns = { route_delay: [delay], route_flights: [3] };
  const key_fields = ["origin", "destination"];
  return tableBytes({
    ...{ table: "routes", as_of_min, key_fields, keys: [["JFK", "LAX"]], columns, defaults: [null, 0] },
  });
}

/** @param {number} as_of_min */
function hour(as_of_min) {
  const columns = { hour_delay: [0.1] };
  const key_fields = ["departure_hour"];
  return tableBytes({ table: "hours", as_of_min, key_fields, keys: [["08"]], columns, defaults: [null] });
}

const TABLES = [
  { table: "routes", as_of_min: REFRESHED, file: "route-0.bin" },
  { table: "routes", as_of_min: REFRESHED + DAY, file: "route-1.bin" },
  { table: "hours", as_of_min: REFRESHED, file: "hour-0.bin" },
];
const CONTENTS = {
  "index.json": JSON.stringify({ tables: TABLES }),
  "route-0.bin": route(REFRESHED, 10),
  "route-1.bin": route(REFRESHED + DAY, 20),
  "hour-0.bin": hour(REFRESHED),
};

/**
 * @param {import("node:test").TestContext} context
 * @param {Record<string, string | Uint8Array>} [contents]
 */
async function opened(context, contents = CONTENTS) {
  const { asked, files, platform } = await folder(context, contents);
  return { asked, history: new History(VIEW, "asked_at", new Archive(files, platform)) };
}

const FLIGHT = { origin: "JFK", destination: "LAX", departs: "08:30" };
const HOUR_DELAY = Math.fround(0.1);

test("a record gets the newest tables' values that were there at its time", async (context) => {
  const { history } = await opened(context);
  const times = ["2013-10-05T07:59Z", "2013-10-05T08:00Z", "2013-10-06T07:59Z", "2013-10-06T08:00Z"];
  const filled = await history.fill(times.map((asked_at) => ({ ...FLIGHT, asked_at })));
  const [before, ...after] = filled.map((record) => /** @type {any} */ (record).route_delay);
  assert.equal(before, null);
  assert.deepEqual(after, [10, 10, 20]);
});

test("without a time it gets the newest of all", async (context) => {
  const { history } = await opened(context);
  for (const asked_at of [undefined, null]) {
    assert.deepEqual(await history.fill([{ ...FLIGHT, asked_at }]), [
      { ...FLIGHT, asked_at, route_delay: 20, route_flights: 3, hour_delay: HOUR_DELAY },
    ]);
  }
});

test("what a record carries stays, null included, and undefined counts as absent", async (context) => {
  const { history } = await opened(context);
  const record = { ...FLIGHT, route_delay: null, route_flights: undefined, hour_delay: 5 };
  assert.deepEqual(await history.fill([record]), [{ ...record, route_flights: 3 }]);
  assert.equal(record.route_flights, undefined);
});

test("an unknown key has the defaults, a key that follows from nothing as well", async (context) => {
  const { history } = await opened(context);
  const filled = await history.fill([{ origin: "JFK", destination: "nowhere", departs: null }]);
  const [{ route_delay, route_flights, hour_delay }] = /** @type {any[]} */ (filled);
  assert.deepEqual([route_delay, route_flights, hour_delay], [null, 0, null]);
});

test("only what is needed is downloaded, and once", async (context) => {
  const { asked, history } = await opened(context);
  const whole = { ...FLIGHT, route_delay: 1, route_flights: 1, hour_delay: 1 };
  await history.fill([whole]);
  assert.deepEqual(asked, []);
  const lacking = { ...whole, hour_delay: undefined };
  await Promise.all([history.fill([lacking, lacking]), history.fill([lacking])]);
  await history.fill([lacking]);
  assert.deepEqual(asked, ["index.json", "hour-0.bin"]);
});

test("what is wrong with a record is left to the validator", async (context) => {
  const { history } = await opened(context);
  const strange = [null, 7, "text", [FLIGHT]];
  assert.deepEqual(await history.fill([...strange, FLIGHT]).then((filled) => filled.slice(0, 4)), strange);
  const [filled] = await history.fill([{ origin: 5, departs: {}, asked_at: "yesterday" }]);
  assert.deepEqual(filled, {
    ...{ origin: 5, departs: {}, asked_at: "yesterday" },
    ...{ route_delay: null, route_flights: 0, hour_delay: null },
  });
});

test("a table that could not be loaded is an error each time, and loaded once it is there", async (context) => {
  const contents = /** @type {Record<string, string | Uint8Array>} */ ({ ...CONTENTS });
  const { history } = await opened(context, contents);
  delete contents["hour-0.bin"];
  for (let time = 0; time < 2; time++)
    await assert.rejects(history.fill([FLIGHT]), { kind: "artefact", message: /hour-0.bin: got status 404/ });
  contents["hour-0.bin"] = CONTENTS["hour-0.bin"];
  const [filled] = /** @type {any[]} */ (await history.fill([FLIGHT]));
  assert.equal(filled.hour_delay, HOUR_DELAY);
});

test("an index that lists no tables, or one that is not in the release, is an incomplete release", async (context) => {
  const without = await opened(context, { "index.json": '{"tables": 5}' });
  await assert.rejects(without.history.fill([FLIGHT]), { kind: "artefact", message: /got no list of tables/ });
  const lost = await opened(context, { "index.json": CONTENTS["index.json"] });
  await assert.rejects(lost.history.fill([FLIGHT]), { kind: "artefact", message: /not among the tables/ });
});
