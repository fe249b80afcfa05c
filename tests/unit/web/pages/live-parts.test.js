import assert from "node:assert/strict";
import { test } from "node:test";
import { asksBetween } from "../../../../web/app/live/agenda.js";
import { dayBefore, minuteOf, newYorkTime, opening, wireTime } from "../../../../web/app/live/clock.js";
import { withAnswers } from "../../../../web/app/live/courses.js";
import { errorsAt, present, runningErrors } from "../../../../web/app/live/errors.js";
import { feedOf, knownAt, newsBetween, newsUntil, nextNews } from "../../../../web/app/live/feed.js";
import { isActive, liveFlights, recordAt, statusAt } from "../../../../web/app/live/flights.js";
import { createLane } from "../../../../web/app/live/lane.js";
import { NO_PACE, percentile, withCall } from "../../../../web/app/live/pace.js";
import { createPlayer } from "../../../../web/app/live/player.js";
import { ageText, intakeText, newsText, signedText, statusText } from "../../../../web/app/live/words.js";
import { EVE, eventsOf, OPENS, sampleOf } from "./live-day.js";

const FEED = feedOf([EVE, eventsOf()]);
const FLIGHTS = liveFlights(sampleOf(), FEED);

/** @param {string} number */
const flight = (number) =>
  /** @type {import("../../../../web/app/live/flights.js").LiveFlight} */ (
    FLIGHTS.find((one) => one.number === number)
  );

test("a day opens at four in the morning of New York, in summer time, in winter time and when the clocks go back", () => {
  assert.equal(wireTime(opening("2013-10-05")), "2013-10-05T08:00Z");
  assert.equal(wireTime(opening("2013-11-03")), "2013-11-03T09:00Z");
  assert.equal(wireTime(opening("2013-12-31")), "2013-12-31T09:00Z");
});

test("a time of the clock before the opening is one after midnight", () => {
  assert.equal(newYorkTime(minuteOf("14:20", OPENS)), "14:20");
  assert.equal(minuteOf("00:30", OPENS) - OPENS, 20 * 60 + 30);
  assert.equal(minuteOf("04:00", OPENS), OPENS);
  assert.equal(dayBefore("2013-10-01"), "2013-09-30");
});

test("the feed has the news of both days by the time they became known, departures first", () => {
  const times = FEED.map(knownAt);
  assert.deepEqual(
    times,
    [...times].sort((one, other) => one - other),
  );
  assert.equal(FEED.length, 2 + 5 + 4);
  const tie = feedOf([eventsOf([["DL1", "JFK", null, 60, 60, 0, 0]]), eventsOf([["DL2", "JFK", null, 120, 60, 0, 0]])]);
  assert.deepEqual(
    tie.filter((news) => knownAt(news) === OPENS + 120).map(([type]) => type),
    ["departures", "arrivals"],
  );
});

test("a stretch of the feed takes its end and leaves its start", () => {
  const [first, second] = [OPENS + 65, OPENS + 130];
  assert.deepEqual(
    newsBetween(FEED, first, second).map(([, { id }]) => id),
    ["2013-10-05UA2EWR"],
  );
  assert.equal(nextNews(FEED, first), second);
  assert.equal(nextNews(FEED, OPENS + 10_000), null);
});

test("news that can't be read goes to the windows first, and tells the page nothing", () => {
  const [one, other] = [eventsOf(), eventsOf()];
  one.departures.known_time_min[0] = null;
  other.departures.delay_min[0] = "soon";
  const feed = feedOf([one]);
  assert.equal(feed[0]?.[1].known_time_min, null);
  assert.deepEqual(newsUntil(feed, OPENS).length, 1);
  assert.equal(newsBetween(feed, OPENS, OPENS + 65).length, 0);
  for (const broken of [feed, feedOf([other])]) assert.equal(liveFlights(sampleOf(), broken)[0]?.left, null);
});

test("a flight is scheduled, late, in the air and landed, each from its own minute on", () => {
  const ua2 = flight("UA2");
  const at = (/** @type {number} */ after) => statusAt(ua2, OPENS + after);
  assert.deepEqual([90, 91, 129, 130, 180, 181].map(at), ["scheduled", "late", "late", "air", "air", "landed"]);
  assert.equal(statusText(ua2, OPENS + 120), "Late at the gate, 30 min so far");
  assert.equal(statusText(ua2, OPENS + 140), "In the air, left 40 min late");
});

test("what never left or landed shows as cancelled or diverted only once it should have", () => {
  assert.equal(statusAt(flight("DL3"), OPENS + 119), "scheduled");
  assert.equal(statusAt(flight("DL3"), OPENS + 120), "cancelled");
  assert.equal(statusAt(flight("DL5"), OPENS + 419), "air");
  assert.equal(statusAt(flight("DL5"), OPENS + 420), "diverted");
  assert.equal(isActive(flight("DL5"), OPENS + 420), false);
});

test("a record knows its departure delay from the minute on at which the flight left", () => {
  const before = recordAt(flight("UA2"), OPENS + 129);
  assert.equal(before.departure_delay_min, null);
  assert.equal(before.asked_at, "2013-10-05T10:09Z");
  assert.equal(recordAt(flight("UA2"), OPENS + 130).departure_delay_min, 40);
});

test("a stretch of time asks every flight at its moments, then the board, in order of time", () => {
  const asks = asksBetween(FLIGHTS, OPENS + 29, OPENS + 130, null);
  const told = asks.map(({ flight: { number }, at_min, moments }) => [number, at_min - OPENS, moments.join("+")]);
  assert.deepEqual(told, [
    ["UA2", 30, "hour_before"],
    ["DL1", 60, "scheduled"],
    ["DL3", 60, "hour_before"],
    ["DL1", 65, "departure"],
    ["UA2", 90, "scheduled"],
    ["B64", 90, "hour_before"],
    ["DL3", 120, "scheduled"],
    ["UA2", 130, "departure"],
    ["DL1", 130, ""],
    ["B64", 130, ""],
  ]);
});

test("stretches of time that meet ask for each moment exactly once", () => {
  const ends = Array.from({ length: 72 }, (_, step) => OPENS + (step - 1) * 10);
  const asks = ends.slice(1).flatMap((end, step) => asksBetween(FLIGHTS, Number(ends[step]), end, null));
  const moments = asks.flatMap(({ flight: { number }, moments: met }) => met.map((moment) => `${number} ${moment}`));
  assert.equal(new Set(moments).size, moments.length);
  assert.equal(moments.length, 6 * 2 + 5);
});

test("a jump asks for the chosen flight on the way as well", () => {
  const plain = asksBetween(FLIGHTS, OPENS - 1, OPENS + 300, null).filter(({ flight: one }) => one.number === "UA2");
  const chosen = asksBetween(FLIGHTS, OPENS - 1, OPENS + 300, flight("UA2")).filter(
    ({ flight: one }) => one.number === "UA2",
  );
  assert.deepEqual(
    plain.map(({ at_min }) => at_min - OPENS),
    [30, 90, 130],
  );
  assert.equal(chosen.length, 37); // every 5 min from the opening to 180, its moments among them
  const early = asksBetween(FLIGHTS, OPENS, OPENS + 1, flight("UA6"));
  assert.deepEqual(
    early.map(({ flight: one }) => one.number).filter((number) => number === "UA6"),
    ["UA6"],
  );
});

test("errors are over the landed flights that all three forecasters forecast, of the chosen moment", () => {
  const asks = ["DL1", "UA2", "B64"].map((number) => ({
    flight: flight(number),
    at_min: flight(number).departs_min,
    moments: [/** @type {const} */ ("scheduled")],
  }));
  const answers = [{ arrival_delay_min: 4 }, { arrival_delay_min: 21 }, { arrival_delay_min: 0 }];
  const courses = withAnswers(new Map(), asks, answers, []);
  const stored = (/** @type {string} */ number) =>
    /** @type {const} */ ([flight(number).id, { delay_min: 10, as_of_min: OPENS }]);
  const day = { flights: FLIGHTS, courses, batch: new Map([stored("DL1"), stored("UA2")]) };
  const points = runningErrors(day, "scheduled", OPENS + 500);
  assert.deepEqual(points, [
    { at_min: OPENS + 181, flights: 1, batch: 21, online: 10, schedule: 31 },
    { at_min: OPENS + 182, flights: 2, batch: (21 + 8) / 2, online: (10 + 2) / 2, schedule: (31 + 2) / 2 },
  ]);
  assert.equal(errorsAt(points, OPENS + 180), null);
  assert.equal(errorsAt(points, OPENS + 181)?.flights, 1);
  assert.deepEqual(runningErrors(day, "departure", OPENS + 500), []);
});

test("without last night's forecasts the other two are held to the flights all the same", () => {
  const ask = { flight: flight("UA2"), at_min: OPENS + 90, moments: [/** @type {const} */ ("scheduled")] };
  const courses = withAnswers(new Map(), [ask], [{ arrival_delay_min: 21 }], []);
  const [point] = runningErrors({ flights: FLIGHTS, courses, batch: new Map() }, "scheduled", OPENS + 500);
  assert.deepEqual([point?.online, point?.schedule, point?.batch], [10, 31, Number.NaN]);
  assert.deepEqual(present(point ?? null), ["online", "schedule"]);
});

test("a prediction of the same minute replaces the one before", () => {
  const ask = { flight: flight("DL1"), at_min: OPENS, moments: [] };
  const once = withAnswers(new Map(), [ask], [{ arrival_delay_min: 1 }], [{ mean: 1 }]);
  const twice = withAnswers(once, [ask], [{ arrival_delay_min: 2 }], [{ mean: 2 }]);
  assert.deepEqual(twice.get(ask.flight.id), {
    points: [{ at_min: OPENS, delay_min: 2 }],
    moments: {},
    context: { mean: 2 },
  });
  assert.equal(once.get(ask.flight.id)?.points[0]?.delay_min, 1);
});

test("the player tells whole minutes by the speed, and nothing once paused", () => {
  /** @type {{ action: (() => void) | null, now: number }} */
  const timer = { action: null, now: 0 };
  /** @type {number[]} */
  const told = [];
  const player = createPlayer((at_min) => told.push(at_min), {
    now_ms: () => timer.now,
    start: (action) => {
      timer.action = action;
    },
    stop: () => {
      timer.action = null;
    },
  });
  player.play(100, 10);
  for (const now of [250, 5000]) {
    timer.now = now;
    timer.action?.();
  }
  player.pause();
  assert.equal(timer.action, null);
  assert.deepEqual(told, [102, 150]);
});

test("a lane does one thing at a time and forgets all but the newest wish", async () => {
  /** @type {string[]} */
  const done = [];
  /** @type {() => void} */
  let release = () => {};
  const lane = createLane(async (/** @type {string} */ wish) => {
    await new Promise((resolve) => {
      release = () => resolve(undefined);
    });
    done.push(wish);
  });
  const all = lane.ask("first");
  lane.ask("second");
  lane.ask("third");
  assert.equal(lane.busy(), true);
  release();
  await new Promise((resolve) => setTimeout(resolve));
  release();
  await all;
  assert.deepEqual(done, ["first", "third"]);
  assert.equal(lane.busy(), false);
});

test("percentiles are over the ticks kept, and a jump is no tick", () => {
  let pace = NO_PACE;
  for (let took_ms = 1; took_ms <= 300; took_ms += 1) pace = withCall(pace, { events: 2, answers: 300, took_ms });
  const jump = { events: 1800, answers: 2000, took_ms: 900 };
  pace = withCall(pace, jump);
  assert.equal(percentile(pace, 0.5), 200);
  assert.equal(percentile(pace, 0.95), 290);
  assert.deepEqual(pace.jump, jump);
  assert.equal(percentile(NO_PACE, 0.5), 0);
});

test("what the windows took and dropped is told, reason by reason", () => {
  assert.equal(intakeText({ accepted: 1834, dropped: {} }), "1,834 events in the windows, none dropped");
  const dropped = { late: 2, duplicate: 1, wrong_value: 0 };
  assert.equal(intakeText({ accepted: 1, dropped }), "1 event in the windows, 3 dropped: 2 late, 1 duplicate");
});

test("news, ages and values are told in words", () => {
  const [first] = newsBetween(FEED, OPENS, OPENS + 65);
  assert.equal(first && newsText(first), "DL 1 left JFK for LAX 5 min late");
  const landed = newsBetween(FEED, OPENS + 180, OPENS + 181)[0];
  assert.equal(landed && newsText(landed), "UA 2 from EWR landed at LAX 31 min late");
  assert.equal(ageText(100, 660), "9 h 20 min ago");
  assert.equal(ageText(100, 100), "just now");
  assert.deepEqual([35.4, -4, -0.2].map(signedText), ["+35", "−4", "0"]);
});
