import assert from "node:assert/strict";
import { test } from "node:test";
import { createArrivals } from "../../../../web/app/arrivals-actions.js";
import { effectiveMoment, filterChoices, listed } from "../../../../web/app/arrivals-state.js";
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
];
const contract = /** @type {any} */ ({ name: "eta", fields: FIELDS, outputs: [] });

/** @param {string} day */
function sample(day) {
  return {
    day,
    flight: ["DL1", "UA2", "DL3"],
    tail: [null, null, null],
    record_fields: FIELDS.map(({ name }) => name),
    columns: {
      carrier: ["DL", "UA", "DL"],
      origin: ["JFK", "EWR", "EWR"],
      destination: ["LAX", "LAX", "BOS"],
      scheduled_departure: ["08:00", "09:00", "10:00"],
      departure_delay_min: [5, 20, null],
    },
    actual_arrival_delay_min: [2, 30, null],
  };
}

const samples = {
  days: async () => ["2013-10-01", "2013-10-02"],
  day: async (/** @type {string} */ day) => sample(day),
};

/** A predictor that answers with the departure delay it was told, 0 for none. */
function echo() {
  const minutes = (/** @type {any} */ record) => record.departure_delay_min ?? 0;
  return /** @type {any} */ ({
    predict: async (/** @type {any} */ record) => {
      if (typeof minutes(record) === "number") return { arrival_delay_min: minutes(record) };
      const problems = [{ row: 0, field: "departure_delay_min", got: "'x'", expected: "an integer" }];
      throw Object.assign(new Error("refused"), { kind: "validation", problems });
    },
    async *predictMany(/** @type {any[]} */ rows) {
      yield { start: 0, answers: rows.map((row) => ({ arrival_delay_min: minutes(row) })) };
    },
  });
}

/** @param {any} predictor */
function arrivals(predictor = echo(), source = samples) {
  return createArrivals({ contract, samples: source, predictor: () => predictor, onChange: () => {} });
}

test("the first flight of the first day is predicted without being asked for", async () => {
  const page = arrivals();
  await page.openDays();
  const { answered, day, board } = page.state();
  assert.equal(day, "2013-10-01");
  assert.equal(answered?.question.flight?.number, "DL1");
  assert.equal(answered?.answer.arrival_delay_min, 0);
  assert.equal(board.size, 3);
});

test("after departure the delay is known to the prediction and to the board", async () => {
  const page = arrivals();
  await page.openDays();
  await page.chooseMoment("after");
  assert.equal(page.state().answered?.answer.arrival_delay_min, 5);
  assert.deepEqual([...page.state().board.values()], [5, 20, 0]);
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
  assert.equal(page.state().form.values.departure_delay_min, "5");
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
  const slow = { ...echo(), predict: () => new Promise((resolve) => answer.push(resolve)) };
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
