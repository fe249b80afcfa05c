/** Dictionary-encoded columns: each distinct value once, and for every row which of them it is. */

/**
 * @typedef {object} Coded
 * @property {unknown[]} values Distinct, in the order in which they came.
 * @property {Uint32Array} codes One a row: the place of its value.
 */

/**
 * @param {number} rows
 * @param {(row: number) => unknown} read
 * @returns {Coded}
 */
export function coded(rows, read) {
  const codes = new Uint32Array(rows);
  /** @type {unknown[]} */
  const values = [];
  /** @type {Map<unknown, number>} */
  const places = new Map();
  let [before, code] = /** @type {[unknown, number | undefined]} */ ([undefined, undefined]);
  for (let row = 0; row < rows; row++) {
    const value = read(row);
    // Many tables are sorted by some of their columns; the same text again is found sooner than its hash.
    if (value !== before || code === undefined) {
      code = places.get(value);
      if (code === undefined) {
        code = values.push(value) - 1;
        places.set(value, code);
      }
      before = value;
    }
    codes[row] = code;
  }
  return { values, codes };
}

/**
 * The column with every value changed; equal values may then stand there more than once.
 *
 * @param {Coded} column
 * @param {(value: unknown) => unknown} change
 * @returns {Coded}
 */
export function changed({ values, codes }, change) {
  return { values: values.map((value) => change(value)), codes };
}

/**
 * Some of the rows, with no more values than they have.
 *
 * @param {Coded} column
 * @param {Uint32Array} rows Which, in their order.
 * @returns {Coded}
 */
export function taken({ values, codes }, rows) {
  if (rows.length === codes.length) return { values, codes };
  const places = new Int32Array(values.length).fill(-1);
  /** @type {unknown[]} */
  const used = [];
  const kept = new Uint32Array(rows.length);
  for (let place = 0; place < rows.length; place++) {
    const code = codes[rows[place]];
    if (places[code] < 0) places[code] = used.push(values[code]) - 1;
    kept[place] = places[code];
  }
  return { values: used, codes: kept };
}

/**
 * The same column in as few bytes as its codes need: what is stored or sent.
 *
 * @param {Coded} column
 * @returns {{values: unknown[], codes: Uint8Array | Uint16Array | Uint32Array}}
 */
export function packed({ values, codes }) {
  if (values.length <= 0x100) return { values, codes: Uint8Array.from(codes) };
  return { values, codes: values.length <= 0x10000 ? Uint16Array.from(codes) : codes };
}
