// The model behind a form made from a contract: what each control shows, and what it sends. No DOM.

/** @typedef {import("../generated/vocabulary.js").Field} Field */
/** @typedef {import("../generated/vocabulary.js").Wire} Wire */
/** @typedef {import("../generated/vocabulary.js").Image} Image */
/** @typedef {Record<string, Wire>} WireRecord */
/** @typedef {Record<string, string | boolean | Image>} FormValues what the controls hold: text, checked, or a photo that was read */
/** @typedef {"select" | "checkbox" | "number" | "text" | "date" | "time" | "datetime-local" | "file"} ControlKind */

import { dateText, datetimeText, numberText } from "./format.js";

const NUMBER = /^[-−+]?(\d+\.?\d*|\.\d+)$/;
const NUMERIC = new Set(["float32", "int32"]);

/** What ends a point in time on the wire, as the validator has it. */
const UTC = "Z";

/**
 * Which control a field gets.
 *
 * @param {Field} field
 * @returns {ControlKind}
 */
export function controlKind(field) {
  switch (field.dtype) {
    case "category":
      return "select";
    case "bool":
      return field.nullable ? "select" : "checkbox";
    case "date":
    case "time":
    case "text":
      return field.dtype;
    case "datetime":
      return "datetime-local";
    case "image":
      return "file";
    default:
      return "number";
  }
}

/**
 * The options of a select, the empty one first where the value may be missing.
 *
 * @param {Field} field
 * @returns {{ value: string, label: string }[]}
 */
export function controlOptions(field) {
  const choices =
    field.dtype === "bool"
      ? [
          { value: "true", label: "Yes" },
          { value: "false", label: "No" },
        ]
      : field.categories.map(({ value, label }) => ({ value, label: optionLabel(value, label) }));
  return field.nullable ? [{ value: "", label: "Not known" }, ...choices] : choices;
}

/**
 * A label, and before it the value where that is a code that the label does not tell: "clear" and "Clear" are one word.
 *
 * @param {string} value
 * @param {string} label
 */
function optionLabel(value, label) {
  const words = (/** @type {string} */ text) => text.replaceAll("_", " ").toLowerCase();
  return words(label).includes(words(value)) ? label : `${value} - ${label}`;
}

/**
 * What people call a category's value, without the code that its label may begin with.
 *
 * @param {Field | undefined} field
 * @param {Wire | undefined} value
 */
export function categoryName(field, value) {
  const label = field?.categories.find((category) => category.value === value)?.label ?? String(value);
  const code = `${value} - `;
  return label.startsWith(code) ? label.slice(code.length) : label;
}

/**
 * A field's title with its unit, and whether it may stay empty: "Departure delay (min, optional)". A point in time is
 * entered in UTC, which the control itself does not say.
 *
 * @param {Field} field
 */
export function labelText(field) {
  const notes = [field.dtype === "datetime" ? "UTC" : field.unit, field.nullable ? "optional" : ""].filter(
    (note) => note !== "",
  );
  return notes.length === 0 ? field.title : `${field.title} (${notes.join(", ")})`;
}

/**
 * What the controls hold for a record; a field that the record lacks starts empty.
 *
 * @param {readonly Field[]} fields
 * @param {WireRecord} record
 * @returns {FormValues}
 */
export function valuesOf(fields, record) {
  return Object.fromEntries(
    fields.map((field) => {
      const value = record[field.name] ?? null;
      if (controlKind(field) === "checkbox") return [field.name, value === true];
      if (isImage(value)) return [field.name, value];
      return [field.name, value === null ? "" : controlText(field, value)];
    }),
  );
}

/**
 * @param {Wire} value
 * @returns {value is Image}
 */
export function isImage(value) {
  return typeof value === "object" && value !== null;
}

/**
 * What a control shows for a value; that for points in time knows no time zone.
 *
 * @param {Field} field
 * @param {string | number | boolean} value
 */
export function controlText({ dtype }, value) {
  const text = String(value);
  return dtype === "datetime" && text.endsWith(UTC) ? text.slice(0, -UTC.length) : text;
}

/**
 * The record that the controls hold, as it goes to the validator. What can't be read as a number stays the text
 * that was typed, so that the validator can say what it got.
 *
 * @param {readonly Field[]} fields
 * @param {FormValues} values
 * @returns {WireRecord}
 */
export function recordOf(fields, values) {
  return Object.fromEntries(fields.map((field) => [field.name, wireValue(field, values[field.name] ?? "")]));
}

/**
 * The values that were typed, and none of the others: what is left out is for the device to fill in.
 *
 * @param {readonly Field[]} fields
 * @param {FormValues} values
 * @returns {WireRecord}
 */
export function typedRecord(fields, values) {
  const record = recordOf(fields, values);
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
}

/**
 * @param {Field} field
 * @param {string | boolean | Image} value
 * @returns {Wire}
 */
function wireValue(field, value) {
  if (typeof value !== "string") return value;
  const text = value.trim();
  if (text === "") return null;
  if (field.dtype === "bool") return text === "true";
  if (field.dtype === "datetime") return text + UTC;
  if (NUMERIC.has(field.dtype) && NUMBER.test(text)) return Number(text.replace("−", "-"));
  return text;
}

/**
 * A record that validates, from the fields' own examples.
 *
 * @param {readonly Field[]} fields
 * @returns {WireRecord}
 */
export function exampleRecord(fields) {
  return Object.fromEntries(fields.map((field) => [field.name, field.example ?? field.categories[0]?.value ?? null]));
}

/**
 * What to know before filling in a field: its meaning and its range.
 *
 * @param {Field} field
 */
export function hintText(field) {
  return [field.description, rangeText(field)].filter((part) => part !== "").join(" ");
}

/** @param {Field} field */
function rangeText(field) {
  const { minimum: low, maximum: high } = field;
  const unit = field.unit === "" ? "" : ` ${field.unit}`;
  if (low !== null && high !== null) return `From ${boundText(field, low)} to ${boundText(field, high)}${unit}.`;
  if (low !== null) return `At least ${boundText(field, low)}${unit}.`;
  if (high !== null) return `At most ${boundText(field, high)}${unit}.`;
  return "";
}

/**
 * @param {Field} field
 * @param {Wire} bound
 */
function boundText(field, bound) {
  if (typeof bound === "number") return numberText(bound);
  if (field.dtype === "datetime") return datetimeText(String(bound));
  return field.dtype === "date" ? dateText(String(bound)) : String(bound);
}

/** @typedef {{ field: string, got: string, expected: string }} Problem as the validator lists them */

/**
 * A problem in a sentence for the person at the field, whose name and value stand right there.
 *
 * @param {Problem} problem
 */
export function problemText({ got, expected }) {
  const wanted = expected.replace(/ or null$/, ", or nothing if not known");
  return got === "nothing" ? `This is missing: enter ${wanted}.` : `This is ${got}; expected ${wanted}.`;
}

/**
 * The first problem of each field, as a sentence; what is wrong with the record as a whole stands under "".
 *
 * @param {readonly Problem[]} problems
 * @returns {Map<string, string>}
 */
export function problemsByField(problems) {
  return new Map([...problems].reverse().map((problem) => [problem.field, problemText(problem)]));
}
