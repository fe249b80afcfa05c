/** Which of several models answers a row: data of the release, by the value of the contract's segment field. */

/**
 * @param {import("../generated/vocabulary.js").EncodingTable} table
 * @param {string | null} field The segment field; null where the contract has none.
 * @param {readonly string[]} values Those that have a model of their own, in the order of these models.
 * @returns {number[]} By the field's code: 0 for the model of all, else one more than the value's place.
 */
export function routesOf(table, field, values) {
  const codes = table.fields.find(({ name }) => name === field)?.codes ?? {};
  /** @type {number[]} */
  const routes = [];
  for (const [value, code] of Object.entries(codes)) routes[code] = values.indexOf(value) + 1;
  return routes;
}

/**
 * @param {Int32Array} codes The segment field's, one a row.
 * @param {readonly number[]} routes
 * @returns {Int32Array} Which model answers each row.
 */
export function routed(codes, routes) {
  return codes.map((code) => routes[code] ?? 0);
}
