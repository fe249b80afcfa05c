// What a form holds, and which of its problems show. No DOM.

import { valuesOf } from "./fields.js";

/** @typedef {import("./fields.js").FormValues} FormValues */
/** @typedef {import("../generated/vocabulary.js").Field} Field */

/**
 * @typedef {object} FormState
 * @property {FormValues} values
 * @property {ReadonlySet<string>} settled fields whose value is meant, so that their problems show
 */

/** @type {FormState} */
export const EMPTY_FORM = { values: {}, settled: new Set() };

/**
 * A form that holds a record.
 *
 * @param {readonly Field[]} fields
 * @param {import("./fields.js").WireRecord} record
 * @returns {FormState}
 */
export function filled(fields, record) {
  return { values: valuesOf(fields, record), settled: new Set() };
}

/**
 * @param {FormState} form
 * @param {string} name
 * @param {import("./fields.js").FormValues[string]} value
 * @returns {FormState}
 */
export function entered(form, name, value) {
  return { ...form, values: { ...form.values, [name]: value } };
}

/**
 * @param {FormState} form
 * @param {readonly string[]} names
 * @returns {FormState}
 */
export function settled(form, names) {
  return { ...form, settled: new Set([...form.settled, ...names]) };
}

/**
 * The problems to show: those of fields whose value is meant, and what concerns the record as a whole.
 *
 * @param {FormState} form
 * @param {ReadonlyMap<string, string>} problems
 */
export function visibleProblems(form, problems) {
  return new Map([...problems].filter(([field]) => field === "" || form.settled.has(field)));
}
