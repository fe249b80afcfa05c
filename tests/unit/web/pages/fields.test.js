import assert from "node:assert/strict";
import { test } from "node:test";
import {
  categoryName,
  controlKind,
  controlOptions,
  exampleRecord,
  hintText,
  labelText,
  problemsByField,
  recordOf,
  typedRecord,
  valuesOf,
} from "../../../../web/app/fields.js";

const PLAIN = {
  unit: "",
  minimum: null,
  maximum: null,
  categories: [],
  nullable: false,
  description: "",
  example: null,
};
const delay = {
  ...PLAIN,
  name: "delay",
  dtype: "float32",
  title: "Delay",
  unit: "min",
  minimum: -60,
  maximum: 1400,
  nullable: true,
};
const seats = { ...PLAIN, name: "seats", dtype: "int32", title: "Seats", minimum: 1, example: 150 };
const airline = {
  ...PLAIN,
  name: "airline",
  dtype: "category",
  title: "Airline",
  categories: [
    { value: "DL", label: "Delta" },
    { value: "UA", label: "UA - United" },
  ],
};
const night = { ...PLAIN, name: "night", dtype: "bool", title: "Night", nullable: true };
const heavy = { ...PLAIN, name: "heavy", dtype: "bool", title: "Heavy" };
const day = { ...PLAIN, name: "day", dtype: "date", title: "Day", minimum: "2013-01-01", maximum: "2013-12-31" };
const time = { ...PLAIN, name: "time", dtype: "time", title: "Time" };
const asked = {
  ...PLAIN,
  name: "asked",
  dtype: "datetime",
  title: "Asked at",
  minimum: "2013-01-01T05:00Z",
  nullable: true,
};
const tail = { ...PLAIN, name: "tail", dtype: "text", title: "Aircraft", nullable: true };
const FIELDS = /** @type {any[]} */ ([delay, seats, airline, night, heavy, day, time, asked, tail]);

test("each dtype gets its control, and a bool that may be missing a select of three", () => {
  const kinds = ["number", "number", "select", "select", "checkbox", "date", "time", "datetime-local", "text"];
  assert.deepEqual(FIELDS.map(controlKind), kinds);
  assert.deepEqual(
    controlOptions(FIELDS[3]).map(({ label }) => label),
    ["Not known", "Yes", "No"],
  );
});

test("an option shows its code once, whether or not the label has it", () => {
  assert.deepEqual(
    controlOptions(FIELDS[2]).map(({ label }) => label),
    ["DL - Delta", "UA - United"],
  );
});

test("an option whose value is its label in other letters shows the label alone", () => {
  const categories = [
    { value: "clear", label: "Clear" },
    { value: "light_rain", label: "Light rain" },
  ];
  const sky = /** @type {any} */ ({ ...FIELDS[2], categories });
  assert.deepEqual(
    controlOptions(sky).map(({ label }) => label),
    ["Clear", "Light rain"],
  );
});

test("a category's name goes without its code, and an unknown value stands for itself", () => {
  assert.equal(categoryName(FIELDS[2], "DL"), "Delta");
  assert.equal(categoryName(FIELDS[2], "UA"), "United");
  assert.equal(categoryName(FIELDS[2], "XX"), "XX");
});

test("a label carries the unit and whether the field may stay empty", () => {
  assert.equal(labelText(FIELDS[0]), "Delay (min, optional)");
  assert.equal(labelText(FIELDS[1]), "Seats");
  assert.equal(labelText(FIELDS[7]), "Asked at (UTC, optional)");
});

test("a record survives the way into the controls and back", () => {
  const record = {
    delay: -12.5,
    seats: 150,
    airline: "DL",
    night: false,
    heavy: true,
    day: "2013-10-05",
    time: "08:30",
    asked: "2013-10-05T12:30Z",
    tail: "N123DL",
  };
  assert.equal(valuesOf(FIELDS, record).asked, "2013-10-05T12:30");
  assert.deepEqual(recordOf(FIELDS, valuesOf(FIELDS, record)), record);
});

test("empty controls become null, never 0 and never an empty string", () => {
  const record = recordOf(FIELDS, valuesOf(FIELDS, {}));
  assert.deepEqual(record, {
    delay: null,
    seats: null,
    airline: null,
    night: null,
    heavy: false,
    day: null,
    time: null,
    asked: null,
    tail: null,
  });
});

test("what was not typed is left to the device, what was typed is not, 0 included", () => {
  assert.deepEqual(typedRecord([FIELDS[0], FIELDS[1]], { delay: "0", seats: "" }), { delay: 0 });
  assert.deepEqual(typedRecord([FIELDS[0], FIELDS[1]], {}), {});
});

test("text that is no number reaches the validator as typed", () => {
  assert.equal(recordOf(FIELDS, { seats: "12a" }).seats, "12a");
  assert.equal(recordOf(FIELDS, { seats: "0x10" }).seats, "0x10");
  assert.equal(recordOf(FIELDS, { seats: " 12.5 " }).seats, 12.5);
  assert.equal(recordOf(FIELDS, { delay: "−5" }).delay, -5);
});

test("a hint tells the range with its unit", () => {
  assert.equal(hintText(FIELDS[0]), "From −60 to 1,400 min.");
  assert.equal(hintText(FIELDS[1]), "At least 1.");
  assert.equal(hintText(FIELDS[5]), "From 1 January 2013 to 31 December 2013.");
  assert.equal(hintText(FIELDS[6]), "");
  assert.equal(hintText(FIELDS[7]), "At least 1 January 2013, 05:00 UTC.");
});

test("an example record takes the examples, else the first category, else nothing", () => {
  const record = exampleRecord(FIELDS);
  assert.equal(record.seats, 150);
  assert.equal(record.airline, "DL");
  assert.equal(record.delay, null);
});

test("each field shows its first problem, and the record as a whole its own", () => {
  const problems = [
    { field: "seats", got: "'12a'", expected: "an integer of at least 1" },
    { field: "seats", got: "0", expected: "second" },
    { field: "", got: "a field 'x'", expected: "only seats" },
  ];
  const byField = problemsByField(problems);
  assert.equal(byField.get("seats"), "This is '12a'; expected an integer of at least 1.");
  assert.equal(byField.get(""), "This is a field 'x'; expected only seats.");
});

test("a missing value is asked for, and null is never mentioned", () => {
  const problem = { field: "delay", got: "nothing", expected: "a number from -60 to 1400 min" };
  assert.equal(problemsByField([problem]).get("delay"), "This is missing: enter a number from -60 to 1400 min.");
  const optional = { field: "delay", got: "'abc'", expected: "a number or null" };
  assert.equal(problemsByField([optional]).get("delay"), "This is 'abc'; expected a number, or nothing if not known.");
});
