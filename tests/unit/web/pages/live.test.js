import assert from "node:assert/strict";
import { test } from "node:test";
import { createLive } from "../../../../web/app/live-actions.js";
import { counts, errorsOf, found, listed, withIntake } from "../../../../web/app/live-state.js";
import { DAY, eventsOf, meanPredictor, OPENS, ROWS, sampleOf, samplesOf } from "./live-day.js";

/** A timer that the test moves on itself. */
function handTimer() {
  const timer = {
    now: 0,
    /** @type {(() => void) | null} */
    action: null,
    now_ms: () => timer.now,
    /** @param {() => void} action */
    start: (action) => {
      timer.action = action;
      return action;
    },
    /** @param {unknown} started */
    stop: (started) => {
      if (timer.action === started) timer.action = null;
    },
    /** @param {number} after_ms */
    tick: async (after_ms) => {
      timer.now += after_ms;
      timer.action?.();
      await settled();
    },
  };
  return timer;
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

/** @param {any} [source] @param {any} [samples] */
function replay(source = meanPredictor(), samples = samplesOf()) {
  const timer = handTimer();
  const page = createLive({ samples, predictor: () => source, onChange: () => {}, timer });
  return { page, timer, source };
}

/** @param {ReturnType<typeof createLive>} page */
const clock = (page) => Number(page.state().now_min) - OPENS;

/** @param {ReturnType<typeof createLive>} page @param {string} number */
const courseOf = (page, number) =>
  page.state().courses.get(`${DAY}${number}${number === "DL9" ? "" : originOf(number)}`);

/** @param {string} number */
const originOf = (number) => ROWS.find((row) => row[0] === number)?.[1];

test("a day begins at its opening, with the news of the day before in the windows", async () => {
  const { page, source } = replay();
  await page.openDays();
  assert.equal(clock(page), 0);
  const [first] = source.inner.calls;
  assert.equal(first.restart, true);
  assert.equal(first.events.length, 2);
  assert.equal(page.state().intake.accepted, 2);
  assert.equal(page.state().batch.get(`${DAY}DL1JFK`)?.delay_min, 10);
});

test("without a predictor yet, the day is there and the replay begins once one is adopted", async () => {
  const source = meanPredictor();
  /** @type {any} */
  let predictor = null;
  const page = createLive({ samples: samplesOf(), predictor: () => predictor, onChange: () => {} });
  await page.openDays();
  assert.equal(page.state().flights.length, 6);
  assert.equal(page.state().now_min, null);
  predictor = source;
  await page.adopt();
  assert.equal(clock(page), 0);
});

test("a predictor that comes while the day is loading does not lose the day", async () => {
  /** @type {any} */
  let predictor = null;
  const page = createLive({ samples: samplesOf(), predictor: () => predictor, onChange: () => {} });
  const opened = page.openDays();
  predictor = meanPredictor();
  await page.adopt();
  await opened;
  assert.equal(clock(page), 0);
});

test("playing feeds each event once and asks each flight at its moments, whatever the speed", async () => {
  const { page, timer, source } = replay();
  await page.openDays();
  page.chooseSpeed(60);
  page.play();
  for (let second = 0; second < 15; second += 1) await timer.tick(1000);
  assert.equal(page.state().playing, false);
  assert.equal(page.state().now_min, page.state().ends_min);
  const fed = source.inner.calls.flatMap((/** @type {any} */ { events }) =>
    events.map((/** @type {any} */ [type, { id }]) => type + id),
  );
  assert.equal(new Set(fed).size, fed.length);
  assert.equal(fed.length, 2 + 5 + 4);
  assert.deepEqual(page.state().intake, { accepted: 11, dropped: {} });
  // JFK's mean at UA2's departure is EWR's alone: nothing had left there yet.
  assert.deepEqual(courseOf(page, "UA2")?.moments, { hour_before: 0, scheduled: 0, departure: 40 });
  assert.deepEqual(courseOf(page, "B64")?.moments, { hour_before: 32.5, departure: -5, scheduled: -5 });
});

test("a jump leads to the same errors and moments as playing does", async () => {
  const played = replay();
  await played.page.openDays();
  played.page.chooseSpeed(5);
  played.page.play();
  for (let tick = 0; tick < 400; tick += 1) await played.timer.tick(500);
  const jumped = replay();
  await jumped.page.openDays();
  await jumped.page.jumpTo(played.page.state().ends_min);
  assert.deepEqual(errorsOf(jumped.page.state()), errorsOf(played.page.state()));
  assert.ok(errorsOf(jumped.page.state()).length >= 3);
  for (const [number] of ROWS) {
    assert.deepEqual(courseOf(jumped.page, number)?.moments, courseOf(played.page, number)?.moments);
  }
});

test("the running errors agree with a computation from the rows", async () => {
  const { page } = replay();
  await page.openDays();
  await page.jumpTo(page.state().ends_min);
  const last = errorsOf(page.state()).at(-1);
  // DL1, UA2 and B64 landed and have all three forecasts; UA6 has no batch forecast.
  const truth = [2, 31, -12];
  const online = [(60 * 1) / 1, 0, -5]; // DL1: yesterday's DL9 left 60 late; UA2: nothing seen; B64 had left 5 early
  const mean = (/** @type {number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.equal(last?.flights, 3);
  assert.equal(last?.online, mean(truth.map((value, place) => Math.abs(value - Number(online[place])))));
  assert.equal(last?.batch, mean(truth.map((value) => Math.abs(value - 10))));
  assert.equal(last?.schedule, mean(truth.map(Math.abs)));
});

test("the departure moment counts what was known when the flight left", async () => {
  const { page } = replay();
  await page.openDays();
  await page.jumpTo(page.state().ends_min);
  page.chooseMoment("departure");
  assert.equal(errorsOf(page.state()).at(-1)?.online, (3 + 9 + 7) / 3);
});

test("jumping back begins the stream anew and shows nothing of what comes later", async () => {
  const { page, source } = replay();
  await page.openDays();
  await page.jumpTo(OPENS + 400);
  await page.jumpTo(OPENS + 95);
  const last = source.inner.calls.at(-1);
  assert.equal(last?.restart, true);
  assert.equal(page.state().intake.accepted, 2 + 1);
  assert.equal(errorsOf(page.state()).length, 0);
  const seen = [...page.state().courses.values()].flatMap(({ points }) => points);
  assert.ok(seen.length > 0 && seen.every(({ at_min }) => at_min <= OPENS + 95));
});

test("a step goes to the next news and says it", async () => {
  const { page } = replay();
  await page.openDays();
  await page.step();
  assert.equal(clock(page), 65);
  assert.equal(page.state().said, "05:05: DL 1 left JFK for LAX 5 min late.");
  await page.step();
  assert.equal(clock(page), 130);
});

test("predictions slower than the tick never pile up, and the next one covers the time since", async () => {
  const source = meanPredictor();
  /** @type {(() => void)[]} */
  const waiting = [];
  let slow = false;
  const slowed = {
    ...source,
    follow: async (/** @type {any[]} */ events, /** @type {any[]} */ records, /** @type {any} */ options) => {
      if (slow) await new Promise((resolve) => waiting.push(() => resolve(undefined)));
      return source.follow(events, records, options);
    },
  };
  const { page, timer } = replay(slowed);
  await page.openDays();
  slow = true;
  page.play();
  for (let tick = 0; tick < 5; tick += 1) await timer.tick(1000);
  assert.equal(waiting.length, 1);
  assert.equal(clock(page), 0);
  waiting.shift()?.();
  await settled();
  assert.equal(clock(page), 10);
  await timer.tick(1000);
  waiting.shift()?.();
  await settled();
  assert.equal(clock(page), 60);
});

test("a hidden page stands still and plays on from there", async () => {
  const { page, timer } = replay();
  await page.openDays();
  page.play();
  await timer.tick(1000);
  page.hide(true);
  await timer.tick(60_000);
  assert.equal(clock(page), 10);
  page.hide(false);
  await timer.tick(1000);
  assert.equal(clock(page), 20);
  assert.equal(page.state().playing, true);
});

test("a jump that ends in a hidden page does not set it moving", async () => {
  const { page, timer } = replay();
  await page.openDays();
  page.play();
  page.hide(true);
  await page.jumpTo(OPENS + 60);
  await timer.tick(60_000);
  assert.equal(clock(page), 60);
  page.hide(false);
  await timer.tick(1000);
  assert.equal(clock(page), 70);
});

test("a slider that is held shows where it leads, and goes there once it is let go", async () => {
  const { page } = replay();
  await page.openDays();
  page.aim(OPENS + 100);
  assert.deepEqual([clock(page), page.state().aim_min], [0, OPENS + 100]);
  await page.release();
  assert.deepEqual([clock(page), page.state().aim_min], [100, null]);
  await page.release();
  assert.equal(clock(page), 100);
});

test("a failed call stops the replay where it is; trying again begins the stream anew and goes on", async () => {
  const source = meanPredictor();
  let broken = false;
  const failing = {
    ...source,
    follow: async (/** @type {any[]} */ events, /** @type {any[]} */ records, /** @type {any} */ options) => {
      if (broken) throw new Error("the worker crashed");
      return source.follow(events, records, options);
    },
  };
  const { page } = replay(failing);
  await page.openDays();
  await page.jumpTo(OPENS + 95);
  broken = true;
  page.play();
  await page.jumpTo(OPENS + 200);
  assert.match(String(page.state().failure), /crashed/);
  assert.equal(page.state().playing, false);
  assert.equal(clock(page), 95);
  broken = false;
  await page.retry();
  assert.equal(page.state().failure, null);
  assert.equal(source.inner.calls.at(-1)?.restart, true);
  assert.equal(page.state().intake.accepted, 3);
});

test("a day that can't be loaded is told, and opening again loads that day", async () => {
  let online = false;
  const samples = {
    ...samplesOf(),
    events: async (/** @type {string} */ day) => {
      if (!online) throw new Error("offline");
      return samplesOf().events(day);
    },
  };
  const { page } = replay(meanPredictor(), samples);
  await page.openDays();
  assert.match(String(page.state().daysFailure), /offline/);
  assert.equal(page.state().opens_min, OPENS);
  online = true;
  await page.openDays();
  assert.equal(page.state().daysFailure, null);
  assert.equal(clock(page), 0);
});

test("forecasts that can't be loaded are told, and the replay goes on", async () => {
  let online = false;
  const source = meanPredictor();
  const stored = async (/** @type {any} */ key) => {
    if (!online) throw new Error("offline");
    return source.stored(key);
  };
  const { page } = replay({ ...source, stored });
  await page.openDays();
  assert.match(String(page.state().batchFailure), /offline/);
  assert.equal(clock(page), 0);
  online = true;
  await page.openBatch();
  assert.equal(page.state().batchFailure, null);
  assert.equal(page.state().batch.size, 5);
});

test("what the windows drop is counted by reason", async () => {
  const twice = eventsOf([...ROWS, /** @type {import("./live-day.js").Row} */ (ROWS[0])]);
  const { page } = replay(meanPredictor(), {
    ...samplesOf(),
    events: async (/** @type {string} */ day) => (day === DAY ? twice : samplesOf().events(day)),
    day: async () => sampleOf(),
  });
  await page.openDays();
  await page.jumpTo(page.state().ends_min);
  assert.deepEqual(page.state().intake, { accepted: 11, dropped: { duplicate: 2 } });
  assert.deepEqual(
    withIntake(
      { accepted: 1, dropped: { late: 1 } },
      { accepted: { a: 2 }, dropped: { a: { late: 1 }, b: { late: 3 } } },
    ),
    { accepted: 3, dropped: { late: 5 } },
  );
});

test("a chosen flight gets a prediction of this very minute, even before it is on the board", async () => {
  const { page } = replay();
  await page.openDays();
  await page.jumpTo(OPENS + 66);
  assert.equal(courseOf(page, "UA6"), undefined);
  await page.choose(`${DAY}UA6EWR`);
  assert.deepEqual(
    courseOf(page, "UA6")?.points.map(({ at_min }) => at_min - OPENS),
    [66],
  );
});

test("going to a found flight chooses it and waits for its departure, but never goes back", async () => {
  const { page } = replay();
  await page.openDays();
  page.search("dl 5");
  await page.goToFound();
  assert.equal(page.state().chosen, `${DAY}DL5JFK`);
  assert.equal(clock(page), 300);
  page.search("UA2");
  await page.goToFound();
  assert.equal(clock(page), 300);
  page.search(" ");
  await page.goToFound();
  assert.equal(page.state().chosen, `${DAY}UA2EWR`);
  page.search("nowhere");
  await page.goToFound();
  assert.match(page.state().said, /No flight of Saturday 5 October is like nowhere/);
});

test("a search goes by number, with or without the airline, and by airport", async () => {
  const { page } = replay();
  await page.openDays();
  const numbers = (/** @type {string} */ query) => found(page.state().flights, query).map(({ number }) => number);
  assert.deepEqual(numbers("DL1"), ["DL1"]);
  assert.deepEqual(numbers(" ua"), ["UA2", "UA6"]);
  assert.deepEqual(numbers("ewr"), ["UA2", "UA6"]);
});

test("the board lists what is going on, and each part of it what stands there", async () => {
  const { page } = replay();
  await page.openDays();
  await page.jumpTo(OPENS + 190);
  const numbers = () => listed(page.state()).map(({ number }) => number);
  assert.deepEqual(numbers(), ["DL1", "UA2", "B64", "DL5"]);
  await page.jumpTo(OPENS + 211);
  assert.deepEqual(numbers(), ["DL1", "B64", "DL5"]);
  page.choosePart("cancelled");
  assert.deepEqual(numbers(), ["DL3"]);
  assert.deepEqual(counts(page.state()), { now: 3, gate: 1, air: 1, landed: 2, cancelled: 1 });
});

test("a flight that left long ago is in the air, but no longer news", async () => {
  const { page } = replay(meanPredictor(), samplesOf([["HA7", "JFK", "N7", 60, 600, 0, 0]]));
  await page.openDays();
  await page.jumpTo(OPENS + 180);
  assert.deepEqual([counts(page.state()).now, counts(page.state()).air], [1, 1]);
  await page.jumpTo(OPENS + 181);
  assert.deepEqual([counts(page.state()).now, counts(page.state()).air], [0, 1]);
});

test("another day drops what the day before had under way", async () => {
  const source = meanPredictor();
  /** @type {() => void} */
  let release = () => {};
  let slow = false;
  const slowed = {
    ...source,
    follow: async (/** @type {any[]} */ events, /** @type {any[]} */ records, /** @type {any} */ options) => {
      if (slow) {
        slow = false;
        await new Promise((resolve) => {
          release = () => resolve(undefined);
        });
      }
      return source.follow(events, records, options);
    },
  };
  /** @type {(number | null)[]} */
  const seen = [];
  const onChange = (/** @type {any} */ state) => seen.push(state.now_min);
  const page = createLive({ samples: samplesOf(), predictor: () => slowed, onChange });
  await page.openDays();
  slow = true;
  page.jumpTo(OPENS + 200);
  const opened = page.openDay(DAY);
  await settled();
  release();
  await opened;
  assert.equal(clock(page), 0);
  assert.equal(page.state().heading_min, null);
  assert.ok(!seen.includes(OPENS + 200));
  assert.equal(source.inner.calls.at(-1)?.restart, true);
});

test("of two days asked for at once the later stands, whichever comes first", async () => {
  /** @type {Map<string, (sample: any) => void>} */
  const answer = new Map();
  const samples = {
    ...samplesOf(),
    day: (/** @type {string} */ day) => new Promise((resolve) => answer.set(day, resolve)),
  };
  const { page } = replay(meanPredictor(), samples);
  const first = page.openDay("2013-10-06");
  const second = page.openDay(DAY);
  answer.get(DAY)?.(sampleOf());
  await second;
  answer.get("2013-10-06")?.(sampleOf([]));
  await first;
  assert.equal(page.state().day, DAY);
  assert.equal(page.state().flights.length, 6);
});
