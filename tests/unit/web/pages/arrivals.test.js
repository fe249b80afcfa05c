import assert from "node:assert/strict";
import { test } from "node:test";
import { createArrivals } from "../../../../web/app/arrivals-actions.js";
import { boardMinutes, effectiveMoment, filterChoices, listed } from "../../../../web/app/arrivals-state.js";
import { visibleProblems } from "../../../../web/app/form-state.js";

const PLAIN = {
  unit: "",
  minimum: null,
  maximum: null,
  categories: [],
  nullable: false,
  description: "",
  example: null,
};
const FIELDS = [
  { ...PLAIN, name: "carrier", dtype: "category", title: "Airline", categories: [{ value: "DL", label: "Delta" }] },
  {
    ...PLAIN,
    name: "origin",
    dtype: "category",
    title: "From",
    categories: [{ value: "JFK", label: "JFK - Kennedy" }],
  },
  { ...PLAIN, name: "destination", dtype: "category", title: "To", categories: [{ value: "LAX", label: "LAX" }] },
  { ...PLAIN, name: "scheduled_departure", dtype: "time", title: "Departure" },
  { ...PLAIN, name: "departure_delay_min", dtype: "int32", title: "Delay", nullable: true },
  { ...PLAIN, name: "tail", dtype: "text", title: "Aircraft", nullable: true },
  { ...PLAIN, name: "asked_at", dtype: "datetime", title: "Asked at", nullable: true },
];
const contract = /** @type {any} */ ({ name: "eta", fields: FIELDS, outputs: [], clock: "asked_at" });

/** @param {string} day */
function sample(day) {
  return {
    day,
    flight: ["DL1", "UA2", "DL3"],
    scheduled_departure_min: [480, 540, 600],
    scheduled_arrival_min: [600, 660, 720],
    record_fields: FIELDS.map(({ name }) => name),
    columns: {
      carrier: ["DL", "UA", "DL"],
      origin: ["JFK", "EWR", "EWR"],
      destination: ["LAX", "LAX", "BOS"],
      scheduled_departure: ["08:00", "09:00", "10:00"],
      departure_delay_min: [5, 200, null],
      tail: ["N1", null, null],
    },
    actual_arrival_delay_min: [2, 210, null],
  };
}

const samples = {
  days: async () => ["2013-10-01", "2013-10-02"],
  day: async (/** @type {string} */ day) => sample(day),
  events: async (/** @type {string} */ day) => ({
    day,
    departures: { id: [`${day}D`], known_time_min: [500] },
    arrivals: { id: [`${day}A`], known_time_min: [500] },
  }),
};

/** How much later the news make a flight, in the echo below. */
const NEWS_MIN = 1000;

/** A predictor that answers with the departure delay it was told, 0 for none, and more once it follows events. */
function echo() {
  const minutes = (/** @type {any} */ record) => record.departure_delay_min ?? 0;
  const context = (/** @type {any} */ { asked_at }) => ({ recent_mean: Date.parse(asked_at) / 60_000 });
  return /** @type {any} */ ({
    predict: async (/** @type {any} */ record) => {
      if (typeof minutes(record) === "number") return { arrival_delay_min: minutes(record) };
      const problems = [{ row: 0, field: "departure_delay_min", got: "'x'", expected: "an integer" }];
      throw Object.assign(new Error("refused"), { kind: "validation", problems });
    },
    async *predictMany(/** @type {any[]} */ rows) {
      yield { start: 0, answers: rows.map((row) => ({ arrival_delay_min: minutes(row) })) };
    },
    follow: async (/** @type {any[]} */ events, /** @type {any[]} */ rows) => ({
      answers: rows.map((row) => ({ arrival_delay_min: minutes(row) + NEWS_MIN })),
      context: rows.map(context),
      intake: { accepted: events.length },
    }),
  });
}

/** @param {any} predictor */
function arrivals(predictor = echo(), source = samples) {
  return createArrivals({
    contract,
    streaming: ["recent_mean"],
    samples: source,
    predictor: () => predictor,
    onChange: () => {},
  });
}

/** The minutes that the board shows, flight by flight. @param {ReturnType<typeof arrivals>} page */
const shown = (page) => page.state().flights.map((flight) => boardMinutes(page.state(), flight));

/** A promise, and what settles it. */
function later() {
  let [resolve, reject] = [(/** @type {any} */ _) => {}, (/** @type {any} */ _) => {}];
  const promise = new Promise((yes, no) => {
    [resolve, reject] = [yes, no];
  });
  return { promise, resolve, reject };
}

test("the first flight of the first day is predicted without being asked for, knowing the day's news", async () => {
  const page = arrivals();
  await page.openDays();
  const { answered, day } = page.state();
  assert.equal(day, "2013-10-01");
  assert.equal(answered?.question.flight?.number, "DL1");
  assert.equal(answered?.answer.arrival_delay_min, NEWS_MIN);
  assert.deepEqual(answered?.context, { recent_mean: 420 });
  assert.deepEqual(shown(page), [NEWS_MIN, NEWS_MIN, NEWS_MIN]);
});

test("after departure the delay is known to the prediction and to the board, and nothing is asked anew", async () => {
  let calls = 0;
  const source = echo();
  const follow = async (/** @type {any[]} */ ...call) => {
    calls += 1;
    return source.follow(...call);
  };
  const page = arrivals({ ...source, follow });
  await page.openDays();
  await page.chooseMoment("after");
  assert.equal(page.state().answered?.answer.arrival_delay_min, NEWS_MIN + 5);
  assert.deepEqual(page.state().answered?.context, { recent_mean: 485 });
  assert.deepEqual(shown(page), [NEWS_MIN + 5, NEWS_MIN + 200, NEWS_MIN]);
  assert.equal(calls, 1);
});

test("a day is followed from the events of the day before on, in order of time, from empty windows", async () => {
  /** @type {any[]} */
  let call = [];
  const page = arrivals({
    ...echo(),
    follow: async (/** @type {any[]} */ ...args) => {
      call = args;
      return echo().follow(...args);
    },
  });
  await page.openDays();
  const [events, records, { restart }] = call;
  assert.equal(restart, true);
  assert.deepEqual(
    events.map((/** @type {any} */ [type, { id }]) => `${type} ${id}`),
    ["departures 2013-09-30D", "departures 2013-10-01D", "arrivals 2013-09-30A", "arrivals 2013-10-01A"],
  );
  const asked = records.map((/** @type {any} */ record) => [record.asked_at.slice(11), record.departure_delay_min]);
  assert.deepEqual(asked, [
    ["07:00Z", null],
    ["08:00Z", null],
    ["08:05Z", 5],
    ["09:00Z", null],
    ["12:20Z", 200],
  ]);
  assert.equal("recent_mean" in records[0], false);
  assert.equal(records[0].tail, "N1");
});

test("until the news are read there is a prediction without them, which says so", async () => {
  const news = later();
  const page = arrivals({ ...echo(), follow: () => news.promise });
  const opened = page.openDays();
  while (page.state().board.size < 3) await new Promise((resolve) => setTimeout(resolve));
  assert.equal(page.state().answered?.answer.arrival_delay_min, 0);
  assert.equal(page.state().answered?.context, null);
  assert.deepEqual(shown(page), [0, 0, 0]);
  await page.chooseMoment("after");
  assert.deepEqual(shown(page), [5, 200, 0]);
  news.resolve({ answers: Array(5).fill({ arrival_delay_min: 7 }), context: Array(5).fill({ recent_mean: null }) });
  await opened;
  assert.equal(page.state().answered?.answer.arrival_delay_min, 7);
  assert.deepEqual(page.state().answered?.context, { recent_mean: null });
});

test("a prediction without the news says so in the record, whatever the windows have seen", async () => {
  /** @type {any[]} */
  const asked = [];
  const predict = async (/** @type {any} */ record) => {
    asked.push(record);
    return { arrival_delay_min: 0 };
  };
  const page = arrivals({ ...echo(), predict });
  await page.openDays();
  await page.chooseMode("form");
  assert.equal(asked.length, 2);
  for (const { recent_mean } of asked) assert.equal(recent_mean, null);
  assert.equal(page.state().answered?.context, null);
});

test("news that can't be read are told, leave the prediction as it was, and can be read again", async () => {
  let online = false;
  const events = async (/** @type {string} */ day) => {
    if (!online) throw new Error("offline");
    return samples.events(day);
  };
  const page = arrivals(echo(), { ...samples, events });
  await page.openDays();
  assert.match(String(page.state().newsFailure), /offline/);
  assert.equal(page.state().answered?.answer.arrival_delay_min, 0);
  online = true;
  await page.readNews();
  assert.equal(page.state().newsFailure, null);
  assert.equal(page.state().answered?.answer.arrival_delay_min, NEWS_MIN);
});

test("news of a day that was left stay away from the next", async () => {
  const news = later();
  let calls = 0;
  const source = echo();
  const follow = (/** @type {any[]} */ ...call) => {
    calls += 1;
    return calls === 1 ? news.promise : source.follow(...call);
  };
  const page = arrivals({ ...source, follow });
  const opened = page.openDays();
  while (calls === 0) await new Promise((resolve) => setTimeout(resolve));
  await page.openDay("2013-10-02");
  news.reject(new Error("closed"));
  await opened;
  assert.equal(page.state().newsFailure, null);
  assert.equal(page.state().answered?.question.flight?.id, "2013-10-02-0");
  assert.equal(page.state().answered?.answer.arrival_delay_min, NEWS_MIN);
});

test("a flight that never left has no time after departure", async () => {
  const page = arrivals();
  await page.openDays();
  await page.chooseMoment("after");
  await page.select(page.state().flights[2]);
  assert.equal(effectiveMoment(page.state()), "before");
  assert.equal(page.state().answered?.question.moment, "before");
});

test("a filter keeps the selected flight if it still matches, else takes the first that does", async () => {
  const page = arrivals();
  await page.openDays();
  await page.select(page.state().flights[2]);
  await page.filterBy("carrier", "DL");
  assert.equal(page.state().selected?.number, "DL3");
  await page.filterBy("origin", "JFK");
  assert.equal(page.state().selected?.number, "DL1");
  assert.equal(page.state().answered?.question.flight?.number, "DL1");
  assert.equal(listed(page.state()).length, 1);
});

test("a filter offers only what the other filters leave, and its own alternatives", async () => {
  const page = arrivals();
  await page.openDays();
  await page.filterBy("origin", "EWR");
  const { origin, destination } = filterChoices(page.state(), contract);
  assert.deepEqual(
    origin.map(({ value }) => value),
    ["EWR", "JFK"],
  );
  assert.deepEqual(
    destination.map(({ value }) => value),
    ["BOS", "LAX"],
  );
});

test("the form starts from the flight that was looked at, and its own delay if that was known", async () => {
  const page = arrivals();
  await page.openDays();
  await page.chooseMoment("after");
  await page.chooseMode("form");
  const { departure_delay_min, asked_at, tail } = page.state().form.values;
  assert.deepEqual([departure_delay_min, asked_at, tail], ["5", undefined, undefined]);
  assert.equal(page.state().answered?.question.flight, null);
});

test("a refused value shows at its field once it is meant, and the old prediction goes", async () => {
  const page = arrivals();
  await page.openDays();
  await page.chooseMode("form");
  page.input("departure_delay_min", "x");
  await page.settle("carrier");
  assert.equal(page.state().problems.size, 1);
  assert.equal(visibleProblems(page.state().form, page.state().problems).size, 0);
  await page.settle("departure_delay_min");
  assert.equal(
    visibleProblems(page.state().form, page.state().problems).get("departure_delay_min"),
    "This is 'x'; expected an integer.",
  );
  assert.equal(page.state().answered, null);
  page.input("departure_delay_min", "7");
  await page.submit();
  assert.equal(page.state().problems.size, 0);
  assert.equal(page.state().answered?.answer.arrival_delay_min, 7);
});

test("of two questions asked at once the later answer stands, whichever comes first", async () => {
  /** @type {((answer: any) => void)[]} */
  const answer = [];
  const slow = {
    ...echo(),
    predict: () => new Promise((resolve) => answer.push(resolve)),
    follow: async () => {
      throw new Error("offline");
    },
  };
  const page = arrivals(slow);
  const opened = page.openDays();
  while (answer.length < 1) await new Promise((resolve) => setTimeout(resolve));
  const selected = page.select(page.state().flights[1]);
  answer[1]({ arrival_delay_min: 2 });
  answer[0]({ arrival_delay_min: 1 });
  await Promise.all([opened, selected]);
  assert.equal(page.state().answered?.answer.arrival_delay_min, 2);
});

test("a day that can't be loaded is told, and opening again loads that day", async () => {
  let online = false;
  const source = {
    ...samples,
    day: async (/** @type {string} */ day) => {
      if (!online && day === "2013-10-02") throw new Error("offline");
      return sample(day);
    },
  };
  const page = arrivals(echo(), source);
  await page.openDays();
  await page.openDay("2013-10-02");
  assert.match(String(page.state().samplesFailure), /offline/);
  online = true;
  await page.openDays();
  assert.equal(page.state().samplesFailure, null);
  assert.equal(page.state().day, "2013-10-02");
  assert.equal(page.state().answered?.question.flight?.id, "2013-10-02-0");
});
