import assert from "node:assert/strict";
import { test } from "node:test";
import { dayDots, dotMeant } from "../../../../web/app/live/dots.js";
import { feedOf } from "../../../../web/app/live/feed.js";
import { liveFlights } from "../../../../web/app/live/flights.js";
import {
  dotsPath,
  hourTicks,
  keptApart,
  labelLines,
  linePath,
  needlesPath,
  shareOf,
  stepPath,
  valueTicks,
} from "../../../../web/app/live/plot.js";
import { marksOf, turnsOf } from "../../../../web/app/live/story.js";
import { DAY, EVE, eventsOf, OPENS, sampleOf } from "./live-day.js";

const FEED = feedOf([EVE, eventsOf()]);
const FLIGHTS = liveFlights(sampleOf(), FEED);

/** @param {string} number */
const flight = (number) =>
  /** @type {import("../../../../web/app/live/flights.js").LiveFlight} */ (
    FLIGHTS.find((one) => one.number === number)
  );

test("a flight's story is told up to now and no further", () => {
  const told = (/** @type {number} */ until) =>
    marksOf(flight("UA2"), FEED, OPENS, OPENS + until).map(({ at_min, text }) => [at_min - OPENS, text]);
  assert.deepEqual(told(89), []);
  assert.deepEqual(told(130), [
    [90, "due to leave"],
    [130, "left 40 min late"],
  ]);
  assert.deepEqual(told(181).at(-1), [181, "landed 31 min late"]);
});

test("where a flight's aircraft landed before is part of its story", () => {
  const marks = marksOf(flight("DL5"), FEED, OPENS, OPENS + 400);
  assert.deepEqual(
    marks.map(({ text }) => text),
    ["its aircraft landed at LAX", "due to leave", "left 25 min late"],
  );
  assert.deepEqual(marksOf(flight("UA6"), FEED, OPENS, OPENS + 600).length, 2);
});

test("a forecast's turns are its changes by a whole minute, among what happened", () => {
  const points = [3.2, 3.4, 8, 8].map((delay_min, place) => ({ at_min: OPENS + place, delay_min }));
  const turns = turnsOf(points, [{ at_min: OPENS + 2, text: "due to leave" }]);
  assert.deepEqual(
    turns.map(({ at_min, text }) => [at_min - OPENS, text]),
    [
      [0, "predicted 3 min late"],
      [2, "due to leave"],
      [2, "predicted 8 min late"],
    ],
  );
});

test("a flight's dot is last night's forecast, then the online one, then the truth", () => {
  const id = `${DAY}UA2EWR`;
  const course = { points: [{ at_min: OPENS + 90, delay_min: 12 }], moments: { scheduled: 12 }, context: {} };
  const batch = new Map([[id, { delay_min: 7, as_of_min: OPENS }]]);
  const known = { flights: FLIGHTS, batch, moment: /** @type {const} */ ("scheduled") };
  const dot = (/** @type {Map<string, any>} */ courses, /** @type {number} */ after) =>
    dayDots({ ...known, courses }, OPENS + after).find((one) => one.id === id);
  assert.deepEqual(dot(new Map(), 0), { id, kind: "batch", departs_min: OPENS + 90, delay_min: 7, said_min: null });
  const courses = new Map([[id, course]]);
  assert.deepEqual([dot(courses, 100)?.kind, dot(courses, 100)?.delay_min], ["online", 12]);
  const landed = dot(courses, 200);
  assert.deepEqual([landed?.kind, landed?.delay_min, landed?.said_min], ["actual", 31, 12]);
});

test("what was cancelled has no dot", () => {
  const id = `${DAY}DL3JFK`;
  const batch = new Map([[id, { delay_min: 7, as_of_min: OPENS }]]);
  const known = { flights: FLIGHTS, batch, courses: new Map(), moment: /** @type {const} */ ("scheduled") };
  const has = (/** @type {number} */ after) => dayDots(known, OPENS + after).some((dot) => dot.id === id);
  assert.deepEqual([has(119), has(120)], [true, false]);
});

test("pointing means the nearest dot within reach", () => {
  const dots = /** @type {any[]} */ ([
    { id: "a", delay_min: 9 },
    { id: "b", delay_min: 4 },
    { id: "c", delay_min: 30 },
  ]);
  assert.equal(dotMeant(dots, ({ delay_min }) => delay_min)?.id, "b");
  assert.equal(
    dotMeant(dots, () => 99),
    null,
  );
});

test("shares stay on the chart and ticks hold the values", () => {
  assert.equal(shareOf({ low: 10, high: 20 }, 15), 0.5);
  assert.equal(shareOf({ low: 10, high: 20 }, 99), 1);
  assert.deepEqual(hourTicks({ low: 480, high: 1200 }), [480, 720, 960, 1200]);
  for (const most of [3, 20, 21, 77, 480, 2000]) {
    const ticks = valueTicks(most);
    assert.ok(Number(ticks.at(-1)) >= most && ticks.length <= 6, `${most}: ${ticks}`);
  }
});

test("paths are drawn in a box a thousand wide", () => {
  assert.equal(
    linePath([
      [0, 1],
      [0.5, 2],
    ]),
    "M0.0 1.0L500.0 2.0",
  );
  assert.equal(
    stepPath(
      [
        [0, 1],
        [0.5, 2],
      ],
      1,
    ),
    "M0.0 1.0H500.0V2.0H1000.0",
  );
  assert.equal(stepPath([], 1), "");
  assert.equal(dotsPath([[0.25, 3]]), "M250.0 3.0h0");
  assert.equal(needlesPath([[0.25, 3, 9]]), "M250.0 3.0V9.0");
});

test("labels keep a gap and their order, and stay on the chart", () => {
  assert.deepEqual(keptApart([10, 12, 100], 18, 200), [10, 28, 100]);
  assert.deepEqual(keptApart([198, 199, 190], 18, 200), [182, 200, 164]);
});

test("labels that would cover one another stand on lines of their own", () => {
  const lines = labelLines([
    { share: 0.1, text: "due to leave" },
    { share: 0.15, text: "left 5 min late" },
    { share: 0.9, text: "landed" },
  ]);
  assert.deepEqual(lines, [0, 1, 0]);
});
