import assert from "node:assert/strict";
import { test } from "node:test";
import { measureWindows } from "../../../../web/bench/measure/windows.js";

/** @typedef {import("../../../../web/bench/measure/windows.js").Event} Event */

const PLAN = { days: 1, runs: 3, updates: 4 };
const EVENTS = Array.from({ length: 10 }, (_, id) => /** @type {Event} */ (["departures", { id: String(id) }]));

/** Windows in which time passes only when they are asked: so much a call, so much an event. */
class Quay {
  time = 0;
  restarts = 0;
  /** @type {number[]} */
  calls = [];

  /** @param {{call_ms?: number, event_ms?: number, refused?: number}} [behaviour] */
  constructor({ call_ms = 2, event_ms = 1, refused = 0 } = {}) {
    this.now = () => this.time;
    this.restartWindows = async () => {
      this.restarts += 1;
      this.time += 1000;
    };
    this.observe = async (/** @type {readonly Event[]} */ events) => {
      this.time += call_ms + event_ms * events.length;
      this.calls.push(events.length);
      const accepted = { departures: events.length - refused };
      return { accepted, dropped: { departures: { late: refused } }, outcomes: [], clock_min: null };
    };
  }
}

test("events a second are those of one call with all of them, forgetting left out", async () => {
  const quay = new Quay();
  const { events, events_per_s, target_events_per_s } = await measureWindows(quay, EVENTS, PLAN, quay);
  assert.equal(events, 10);
  assert.deepEqual([events_per_s.count, events_per_s.median], [3, 1000 * (10 / 12)]);
  assert.ok(target_events_per_s > 0);
});

test("an update is a call with one event, for as many as planned", async () => {
  const quay = new Quay();
  const { update, target_update_ms } = await measureWindows(quay, EVENTS, PLAN, quay);
  assert.deepEqual(quay.calls, [10, 10, 10, 1, 1, 1, 1]);
  assert.deepEqual([update.count, update.median, update.p99], [4, 3, 3]);
  assert.ok(target_update_ms > 0);
});

test("each run and the single updates begin with empty windows", async () => {
  const quay = new Quay();
  await measureWindows(quay, EVENTS, PLAN, quay);
  assert.equal(quay.restarts, PLAN.runs + 1);
});

test("the speed of events that were dropped is none", async () => {
  const quay = new Quay({ refused: 1 });
  await assert.rejects(
    measureWindows(quay, EVENTS, PLAN, quay),
    /got 9 of 10 events accepted, dropped {"departures":{"late":1}}/,
  );
});

test("progress rises to one, and cancelling ends the run", async () => {
  const quay = new Quay();
  /** @type {number[]} */
  const seen = [];
  const controller = new AbortController();
  const onProgress = (/** @type {number} */ fraction) => seen.push(fraction);
  await measureWindows(quay, EVENTS, PLAN, { now: quay.now, onProgress });
  assert.deepEqual(seen, [0.25, 0.5, 0.75, 1]);
  controller.abort(new Error("stop"));
  await assert.rejects(measureWindows(quay, EVENTS, PLAN, { now: quay.now, signal: controller.signal }), /stop/);
});
