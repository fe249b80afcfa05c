import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { ForeshoreError } from "../../../../web/shared/errors.js";
import { serve, wantedOf } from "../shared/site.js";
import { folder, tableBytes } from "../shared/tables.js";
import { opened } from "./harbour.js";

/** @typedef {import("../../../../web/app/runtime/predictor.js").Event} Event */

const UNSEEN = -1;

/**
 * @param {number} count
 * @returns {Event[]}
 */
function ships(count) {
  return Array.from({ length: count }, (_, id) => ["ships", { id }]);
}

/** @param {import("../../../../web/app/runtime/predictor.js").Answer[]} answers */
function heights(answers) {
  return answers.map(({ height }) => height);
}

test("as long as nothing was observed, no Python starts", async (context) => {
  const { predictor } = opened(context, { starting: () => Promise.reject(new Error("started")) });
  assert.equal((await predictor.predict({ quay: 1 })).height, UNSEEN);
  await predictor.restartWindows();
});

test("a prediction knows the events of the calls before it, and none of those after, whoever awaits what", async (context) => {
  const { predictor } = opened(context);
  const calls = [
    predictor.predict({ quay: 1 }),
    predictor.observe(ships(2)),
    predictor.predict({ quay: 1 }),
    predictor.observe(ships(3)),
    predictor.predict({ quay: 1 }),
  ];
  const [none, , two, , five] = /** @type {any[]} */ (await Promise.all(calls));
  assert.deepEqual(heights([none, two, five]), [UNSEEN, 2, 5]);
});

test("overlapping calls are answered in their order", async (context) => {
  const { predictor } = opened(context);
  /** @type {number[]} */
  const answered = [];
  const calls = [
    predictor.predict({ quay: 1 }),
    predictor.observe(ships(1)),
    predictor.follow(ships(1), [{ quay: 1 }]),
    predictor.saveWindows(),
    predictor.predict({ quay: 2 }),
  ];
  await Promise.all(
    calls.map((call, place) => /** @type {Promise<unknown>} */ (call).then(() => answered.push(place))),
  );
  assert.deepEqual(answered, [0, 1, 2, 3, 4]);
});

test("a record is what it was when the call was made", async (context) => {
  const { predictor } = opened(context);
  const record = { quay: 1, ships: 7 };
  const events = ships(1);
  const asked = [predictor.predict(record), predictor.observe(events), predictor.predict({ quay: 1 })];
  record.ships = 8;
  events.push(...ships(5));
  const [seven, , one] = /** @type {any[]} */ (await Promise.all(asked));
  assert.deepEqual(heights([seven, one]), [7, 1]);
});

test("what a record carries is not asked for again", async (context) => {
  const { predictor, counter } = opened(context);
  await predictor.observe(ships(2));
  assert.equal((await predictor.predict({ quay: 1, ships: 40 })).height, 40);
  assert.equal((await predictor.predict({ quay: 1, ships: null })).height, UNSEEN);
  await assert.rejects(predictor.predict(/** @type {any} */ (7)), { kind: "validation", row: 0 });
  assert.deepEqual(counter.asked, ["observe"]);
  assert.equal((await predictor.predict({ quay: 1, ships: /** @type {any} */ (undefined) })).height, 2);
  assert.deepEqual(counter.asked, ["observe", "fill"]);
});

test("a batch is asked for where one of its records lacks something", async (context) => {
  const { predictor, counter } = opened(context);
  await predictor.observe(ships(2));
  /** @type {import("../../../../web/app/runtime/predictor.js").Input[]} */
  const rows = [{ quay: 1, ships: 40 }, { quay: 1 }];
  const { value } = await predictor.predictMany(rows).next();
  assert.deepEqual(value?.answers, [{ height: 40 }, { height: 2 }]);
  assert.deepEqual(counter.asked, ["observe", "fill"]);
});

test("following gives answers, context and what became of the events", async (context) => {
  const { predictor } = opened(context);
  await predictor.observe(ships(4));
  const { answers, context: known, intake } = await predictor.follow(ships(2), [{ quay: 1 }, { quay: 2, ships: 9 }]);
  assert.deepEqual(answers, [{ height: 4 }, { height: 9 }]);
  assert.deepEqual(known, [
    { ships: 4, draught: null },
    { ships: 9, draught: null },
  ]);
  assert.deepEqual(intake, { accepted: { ships: 2 }, dropped: {}, outcomes: [null, null], clock_min: 0 });
  const again = await predictor.follow(ships(1), [{ quay: 1 }], { restart: true });
  assert.deepEqual(again.answers, [{ height: 0 }]);
  assert.deepEqual((await predictor.follow([], [])).answers, []);
  assert.ok(predictor.lastCall);
});

test("windows are saved, restarted and restored", async (context) => {
  const { predictor } = opened(context);
  await predictor.observe(ships(3));
  const state = await predictor.saveWindows();
  await predictor.restartWindows();
  assert.equal((await predictor.predict({ quay: 1 })).height, 0);
  const restored = predictor.restoreWindows(state);
  state[0] = 99;
  await restored;
  assert.equal((await predictor.predict({ quay: 1 })).height, 3);
  await assert.rejects(predictor.restoreWindows(new Uint8Array(9)), { kind: "artefact" });
  assert.equal((await predictor.predict({ quay: 1 })).height, 3);
});

test("a wrong record is refused before it leaves the page, with its row, and later calls go on", async (context) => {
  const { predictor, counter } = opened(context);
  await predictor.observe(ships(1));
  const rows = [{ quay: 1 }, { quay: Number.NaN }];
  const chunks = predictor.predictMany(rows, { batchSize: 1 });
  assert.deepEqual((await chunks.next()).value?.answers, [{ height: 1 }]);
  await assert.rejects(chunks.next(), { kind: "validation", field: "quay", row: 1 });
  assert.deepEqual(counter.asked, ["observe", "fill"]);
  assert.equal((await predictor.predict({ quay: 1 })).height, 1);
});

test("where Python cannot start, the call says so, predictions go on, and the next call tries again", async (context) => {
  const failure = new ForeshoreError("network", "no connection");
  let tries = 0;
  const starting = async () => {
    tries += 1;
    if (tries === 1) throw failure;
  };
  const { predictor } = opened(context, { starting });
  const calls = [predictor.observe(ships(1)), predictor.predict({ quay: 1 }), predictor.observe(ships(2))];
  const [failed, unseen, taken] = await Promise.allSettled(calls);
  assert.ok(failed.status === "rejected" && failed.reason === failure);
  assert.ok(unseen.status === "fulfilled" && /** @type {any} */ (unseen.value).height === UNSEEN);
  assert.equal(taken.status, "fulfilled");
  assert.equal((await predictor.predict({ quay: 1 })).height, 2);
});

test("an abort lets go at once of a call that waits, and what it would have sent is not sent", async (context) => {
  /** @type {(value?: unknown) => void} */
  let start = () => {};
  const { predictor, counter } = opened(context, { starting: () => new Promise((resolve) => (start = resolve)) });
  const stop = new AbortController();
  const observed = predictor.observe(ships(1));
  const followed = predictor.follow(ships(5), [{ quay: 1 }], { signal: stop.signal });
  const predicted = predictor.predict({ quay: 1 }, { signal: stop.signal });
  stop.abort();
  await assert.rejects(followed, { kind: "cancelled" });
  await assert.rejects(predicted, { kind: "cancelled" });
  start();
  await observed;
  assert.equal((await predictor.predict({ quay: 1 })).height, 1);
  assert.deepEqual(counter.asked, ["observe", "fill"]);
});

for (const name of /** @type {const} */ (["predict", "follow"])) {
  test(`an abort of ${name} while it waits for a table frees the calls after it`, {
    timeout: 5000,
  }, async (context) => {
    /** @type {(value?: unknown) => void} */
    let ask = () => {};
    const asked = new Promise((resolve) => (ask = resolve));
    const site = await serve(context, ask); // and never answers
    const { predictor, counter } = opened(context, { history: { "index.json": wantedOf("{}", `${site}index.json`) } });
    const stop = new AbortController();
    const waiting = {
      predict: () => predictor.predict({ quay: 1 }, { signal: stop.signal }),
      follow: () => predictor.follow(ships(5), [{ quay: 1 }], { signal: stop.signal }),
    };
    const stalled = waiting[name]();
    const later = [predictor.observe(ships(1)), predictor.predict({ quay: 1, draught: 3 })];
    await asked;
    stop.abort();
    await assert.rejects(stalled, { kind: "cancelled" });
    const [, answer] = /** @type {any[]} */ (await Promise.all(later));
    assert.equal(answer.height, 1);
    assert.deepEqual(counter.asked, ["observe", "fill"]);
    await predictor.close();
  });
}

for (const started of [false, true]) {
  test(`closing rejects what waits and all that comes, ${started ? "while" : "before"} Python starts`, async (context) => {
    /** @type {(value?: unknown) => void} */
    let start = () => {};
    const { predictor } = opened(context, { starting: () => new Promise((resolve) => (start = resolve)) });
    const waiting = [predictor.observe(ships(1)), predictor.predict({ quay: 1 }), predictor.saveWindows()];
    if (started) await turn();
    await predictor.close();
    start();
    const later = [
      ...[predictor.predict({ quay: 1 }), predictor.observe([]), predictor.follow([], []), predictor.saveWindows()],
      ...[predictor.restoreWindows(new Uint8Array(1)), predictor.restartWindows()],
    ];
    for (const call of [...waiting, ...later]) await assert.rejects(call, { kind: "closed" });
  });
}

test("a pipeline without a view takes no events, and says so", async (context) => {
  const { predictor } = opened(context, { view: null });
  const calls = {
    observe: predictor.observe([]),
    follow: predictor.follow([], []),
    saveWindows: predictor.saveWindows(),
    restoreWindows: predictor.restoreWindows(new Uint8Array()),
    restartWindows: predictor.restartWindows(),
  };
  for (const [name, call] of Object.entries(calls)) {
    const message = new RegExp(`^${name}: got pipeline tides, which has no view, expected one with windows`);
    await assert.rejects(call, { kind: "validation", message });
  }
  assert.equal((await predictor.predict({ quay: 1 })).height, UNSEEN);
});

test("what is no list of events or records, or no bytes, is refused by name", async (context) => {
  const { predictor } = opened(context);
  const wrong = /** @type {any} */ ({ ships: [] });
  await assert.rejects(predictor.observe(wrong), { kind: "validation", field: "events", message: /got an object/ });
  await assert.rejects(predictor.follow(wrong, []), { kind: "validation", field: "events" });
  await assert.rejects(predictor.follow([], wrong), { kind: "validation", field: "records" });
  await assert.rejects(predictor.restoreWindows(/** @type {any} */ ("state")), { kind: "validation", field: "state" });
});

test("answers computed ahead are found by key, day and time", async (context) => {
  const table = tableBytes({
    ...{ table: "forecasts", as_of_min: 23016270, key_fields: ["quay"], keys: [["north"]], columns: { height: [2.5] } },
    defaults: [null],
  });
  const entry = { table: "forecasts", as_of_min: 23016270, file: "a.bin", day: "2013-10-05" };
  const { files } = await folder(context, { "index.json": JSON.stringify({ tables: [entry] }), "a.bin": table });
  const { predictor } = opened(context, { forecasts: files });
  const key = { quay: "north" };
  const stored = { outputs: { height: 2.5 }, as_of_min: 23016270, release: "r" };
  const day = "2013-10-05";
  assert.deepEqual(await predictor.stored(key, { day }), stored);
  assert.deepEqual(await predictor.stored(key, { day, at: "2013-10-05T12:30Z" }), stored);
  assert.equal(await predictor.stored(key, { day, at: "2013-10-05T12:29Z" }), null);
  await assert.rejects(predictor.stored(key, { day, at: "noon" }), { kind: "validation", field: "at" });
  await assert.rejects(predictor.stored(/** @type {any} */ ("north"), { day }), { kind: "validation", field: "key" });
  await assert.rejects(predictor.stored(key, { day, signal: AbortSignal.abort() }), { kind: "cancelled" });
  await predictor.close();
  await assert.rejects(predictor.stored(key, { day }), { kind: "closed" });
});

test("answers computed ahead are for a day, which must be named", async (context) => {
  const { predictor } = opened(context, { forecasts: {} });
  const key = { quay: "north" };
  const message = 'day: got undefined, expected the day that it is for, as "2013-10-05"';
  await assert.rejects(/** @type {any} */ (predictor).stored(key), { kind: "validation", field: "day", message });
  for (const day of ["2013-02-30", "today", 20131005, null]) {
    const asked = predictor.stored(key, { day: /** @type {any} */ (day) });
    await assert.rejects(asked, { kind: "validation", field: "day" });
  }
});

test("where nothing was computed ahead, asking for it is an error", async (context) => {
  const { predictor } = opened(context);
  await assert.rejects(predictor.stored({ quay: "north" }, { day: "2013-10-05" }), {
    kind: "validation",
    message: /holds no forecasts/,
  });
});
