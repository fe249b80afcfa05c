import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ANY_FLIGHT,
  departed,
  flightName,
  flightsOf,
  hourBefore,
  matching,
  missText,
  recordAtMoment,
  valuesAmong,
} from "../../../../web/app/flights.js";

const SAMPLE = {
  day: "2013-10-05",
  flight: ["UA12", "DL7", "B61"],
  scheduled_departure_min: [1560, 1530, 1530],
  scheduled_arrival_min: [1900, 1900, 1600],
  record_fields: ["carrier", "origin", "destination", "scheduled_departure", "departure_delay_min"],
  columns: {
    carrier: ["UA", "DL", "B6"],
    origin: ["EWR", "JFK", "JFK"],
    destination: ["LAX", "LAX", "BOS"],
    scheduled_departure: ["09:00", "08:30", "08:30"],
    departure_delay_min: [4, null, -2],
  },
  actual_arrival_delay_min: [11, null, -9],
};

test("flights come in order of departure, then of number", () => {
  assert.deepEqual(
    flightsOf(SAMPLE).map(({ number }) => number),
    ["B61", "DL7", "UA12"],
  );
});

test("a flight carries the record's fields, its outcome and a stable id", () => {
  const [first] = flightsOf(SAMPLE);
  assert.deepEqual(first, {
    id: "2013-10-05-2",
    number: "B61",
    departs_min: 1530,
    actual: -9,
    record: { carrier: "B6", origin: "JFK", destination: "BOS", scheduled_departure: "08:30", departure_delay_min: -2 },
  });
});

test("filters combine, and an empty one lets everything pass", () => {
  const flights = flightsOf(SAMPLE);
  assert.equal(matching(flights, ANY_FLIGHT).length, 3);
  const narrowed = matching(flights, { ...ANY_FLIGHT, origin: "JFK", destination: "LAX" });
  assert.deepEqual(
    narrowed.map(({ number }) => number),
    ["DL7"],
  );
});

test("a filter offers each value of the day once, sorted", () => {
  assert.deepEqual(valuesAmong(flightsOf(SAMPLE), "destination"), ["BOS", "LAX"]);
});

test("before departure the flight's own delay is hidden from the record", () => {
  const [first] = flightsOf(SAMPLE);
  assert.ok(first);
  assert.equal(recordAtMoment(first, "before").departure_delay_min, null);
  assert.equal(recordAtMoment(first, "after").departure_delay_min, -2);
  assert.equal(first.record.departure_delay_min, -2);
});

test("a flight is asked about an hour before its scheduled departure, or when it left", () => {
  const [left, never] = flightsOf(SAMPLE);
  assert.ok(left && never);
  assert.equal(recordAtMoment(left, "before").asked_at, "1970-01-02T00:30Z");
  assert.equal(recordAtMoment(left, "after").asked_at, "1970-01-02T01:28Z");
  assert.equal(recordAtMoment(never, "after").asked_at, "1970-01-02T00:30Z");
});

test("a flight of one's own is asked about an hour before it is due in New York, in summer and winter, at any hour", () => {
  const at = (/** @type {string | null} */ date, /** @type {string} */ scheduled_departure) =>
    hourBefore({ date, scheduled_departure });
  assert.equal(at("2013-10-05", "08:30"), "2013-10-05T11:30Z");
  assert.equal(at("2013-12-05", "08:30"), "2013-12-05T12:30Z");
  assert.equal(at("2013-10-05", "00:15"), "2013-10-05T03:15Z");
  assert.equal(at("2013-10-05", "23:59"), "2013-10-06T02:59Z");
  assert.equal(at(null, "08:30"), null);
  assert.equal(at("2013-10-05", ""), null);
});

test("a flight without a departure delay never left", () => {
  assert.deepEqual(flightsOf(SAMPLE).map(departed), [true, false, true]);
});

test("a miss is told from the outcome's side", () => {
  assert.equal(missText(14.2, 11), "3 min earlier than predicted");
  assert.equal(missText(-4, 71), "1 h 15 min later than predicted");
  assert.equal(missText(11.3, 11), "just as predicted");
});

test("a flight's number stands apart from its airline, even where the airline's code has a digit", () => {
  assert.deepEqual(flightsOf(SAMPLE).map(flightName), ["B6 1", "DL 7", "UA 12"]);
});
