import assert from "node:assert/strict";
import { test } from "node:test";
import { anythingKnown, knownSentences, knownValues } from "../../../../web/app/known.js";

const PLAIN = {
  unit: "",
  minimum: null,
  maximum: null,
  categories: [],
  description: "",
  example: null,
  nullable: true,
};
const carriers = [{ value: "DL", label: "DL - Delta" }];
const contract = /** @type {any} */ ({
  fields: [{ ...PLAIN, name: "carrier", dtype: "category", title: "Airline", categories: carriers }],
});
const record = { carrier: "DL", origin: "JFK", destination: "LAX" };

/** @param {Record<string, number | null>} context */
const told = (context) => knownSentences(contract, record, context);

test("each pair of windows makes a sentence with its mean and its count", () => {
  const texts = told({
    origin_departure_delay_60: 22.6,
    origin_departures_60: 14,
    airline_departure_delay_here_120: -3,
    airline_departures_here_120: 1,
    destination_arrival_delay_180: 0.2,
    destination_arrivals_180: 3,
    aircraft_arrival_delay_last_720: 12,
    route_arrival_delay_28d: 4.4,
  }).map(({ text }) => text);
  assert.deepEqual(texts, [
    "Departures from JFK ran 23 min late in the last hour (14 flights)",
    "Delta departures from JFK ran 3 min early in the last two hours (1 flight)",
    "Arrivals at LAX from New York ran on time in the last three hours (3 flights)",
    "This aircraft last landed 12 min late",
    "Flights from JFK to LAX arrived 4 min late on average in the last four weeks",
  ]);
});

test("nothing seen is told from nothing known", () => {
  const [seen, unknown, , aircraft, usual] = told({ origin_departure_delay_60: null, origin_departures_60: 0 });
  assert.deepEqual(seen, { text: "Departures from JFK in the last hour: none", known: true });
  assert.deepEqual(unknown, { text: "Delta departures from JFK in the last two hours: unknown", known: false });
  assert.deepEqual(usual, { text: "Flights from JFK to LAX in the last four weeks: unknown", known: false });
  assert.deepEqual(aircraft, { text: "How this aircraft last landed: unknown", known: false });
});

test("every value stands by the contract's title and unit, missing ones as unknown", () => {
  const fields = /** @type {any[]} */ ([
    { ...PLAIN, name: "mean", title: "Mean delay", unit: "min" },
    { ...PLAIN, name: "count", title: "Departures" },
    { ...PLAIN, name: "last", title: "Last delay", unit: "min" },
  ]);
  assert.deepEqual(knownValues(fields, { mean: -1.256, count: 0, last: null }), [
    { title: "Mean delay", value: "−1.26 min" },
    { title: "Departures", value: "0" },
    { title: "Last delay", value: "unknown" },
  ]);
});

test("a context of nulls alone knows nothing, a zero is something", () => {
  assert.equal(anythingKnown({ a: null, b: null }), false);
  assert.equal(anythingKnown({ a: null, b: 0 }), true);
});
