/** Which column of a table serves which field of a contract. */

/**
 * @typedef {{name: string, title: string, nullable: boolean, dtype: string}} Asked A field, as far as matching looks at it.
 * @typedef {Record<string, string | null>} Mapping Field to column; null for none.
 */

/**
 * Columns matched to fields: by their names as they are, then by names that differ in case and punctuation alone, of the field
 * or of its title. A column serves one field.
 *
 * @param {readonly Asked[]} fields The contract's, in its order.
 * @param {readonly string[]} columns
 * @returns {Mapping}
 */
export function matched(fields, columns) {
  /** @type {Mapping} */
  const mapping = Object.fromEntries(fields.map(({ name }) => [name, null]));
  const free = new Set(columns);
  const take = (/** @type {(field: Asked, column: string) => boolean} */ fits) => {
    for (const field of fields.filter(({ name }) => mapping[name] === null)) {
      const column = [...free].find((each) => fits(field, each));
      if (column === undefined) continue;
      mapping[field.name] = column;
      free.delete(column);
    }
  };
  take(({ name }, column) => name === column);
  take(({ name }, column) => plain(name) === plain(column));
  take(({ title }, column) => plain(title) === plain(column));
  return mapping;
}

/** @param {string} text */
function plain(text) {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "_");
}

/**
 * The fields that may not be missing and have no column.
 *
 * @template {Asked} F
 * @param {readonly F[]} fields
 * @param {Mapping} mapping
 * @returns {F[]}
 */
export function unserved(fields, mapping) {
  return fields.filter(({ name, nullable }) => !nullable && (mapping[name] ?? null) === null);
}

/**
 * The mapping with a field served by another column, which then serves no other.
 *
 * @param {Mapping} mapping
 * @param {string} field
 * @param {string | null} column
 * @returns {Mapping}
 */
export function remapped(mapping, field, column) {
  const others = Object.entries(mapping).map(([name, taken]) => [name, taken === column ? null : taken]);
  return { ...Object.fromEntries(others), [field]: column };
}
