/** Historical features of whole columns of rows: what `History` looks up for records, once for each key that occurs. */

import { MISSING_INT } from "../generated/vocabulary.js";
import { changed, taken } from "./coded.js";
import { PARTS } from "./history.js";

/**
 * @typedef {import("./archive.js").Archive} Archive
 * @typedef {import("./archive.js").Entry} Entry
 * @typedef {import("./coded.js").Coded} Coded
 * @typedef {import("./protocol.js").Tensors} Tensors
 * @typedef {import("./release.js").View} View
 * @typedef {import("./table.js").Table} Table
 *
 * @typedef {object} Times Of which table each row asks.
 * @property {Uint32Array} codes One a row, into `tables`.
 * @property {(Table | null)[]} tables Null where there was none by then.
 */

/** A row of no table: all its features are missing. */
const NOTHING = new Float64Array(0);

/** Fills columns from a release's tables. */
export class HistoryColumns {
  #view;
  #clock;
  #archive;

  /**
   * @param {View} view
   * @param {string | null} clock The field that says when a row is asked.
   * @param {Archive} archive
   */
  constructor(view, clock, archive) {
    this.#view = view;
    this.#clock = clock;
    this.#archive = archive;
  }

  /**
   * Write into columns what no cells carry. A feature that no table of a row's time has stays as it is: missing.
   *
   * @param {Record<string, Coded>} cells Wire values by field.
   * @param {Uint32Array} good The rows that the columns hold.
   * @param {Tensors} columns
   * @returns {Promise<void>}
   * @throws {import("./errors.js").ForeshoreError} "network", "artefact", "cancelled".
   */
  async fill(cells, good, columns) {
    const wanted = Object.entries(this.#view.tables)
      .map(([table, names]) => ({ table, names: names.filter((name) => !Object.hasOwn(cells, name)) }))
      .filter(({ names }) => names.length > 0);
    if (wanted.length === 0 || good.length === 0) return;
    const index = await this.#archive.index();
    const query = this.#query(cells, good);
    const clock = this.#clock === null ? null : /** @type {Int32Array} */ (columns[this.#clock].data);
    await Promise.all(
      wanted.map(async ({ table, names }) => {
        const times = await this.#times(clock, index.get(table) ?? [], good.length);
        fillFrom(times, query, names, columns);
      }),
    );
  }

  /**
   * What a table's key may be made of.
   *
   * @param {Record<string, Coded>} cells
   * @param {Uint32Array} good
   * @returns {Record<string, Coded>}
   */
  #query(cells, good) {
    const kept = Object.fromEntries(Object.entries(cells).map(([name, column]) => [name, taken(column, good)]));
    const derived = this.#view.derived.flatMap(({ name, field, part }) =>
      kept[field]
        ? [[name, changed(kept[field], (value) => (typeof value === "string" ? PARTS[part](value) : null))]]
        : [],
    );
    return { ...kept, ...Object.fromEntries(derived) };
  }

  /**
   * @param {Int32Array | null} clock When each row is asked.
   * @param {readonly Entry[]} entries
   * @param {number} rows
   * @returns {Promise<Times>}
   */
  async #times(clock, entries, rows) {
    const sorted = [...entries].sort((a, b) => a.as_of_min - b.as_of_min);
    const codes = newestOfEach(clock, sorted, rows);
    const used = new Set(codes);
    // One more than there are entries: the last stands for none.
    const tables = [...sorted, null].map((entry, place) =>
      entry !== null && used.has(place) ? this.#archive.table(entry.file) : null,
    );
    return { codes, tables: await Promise.all(tables) };
  }
}

/**
 * Of tables the newest that was there when a row is asked, or of all where it is not known when.
 *
 * @param {Int32Array | null} clock
 * @param {readonly Entry[]} sorted By time.
 * @param {number} rows
 * @returns {Uint32Array} Their places; the length stands for none.
 */
function newestOfEach(clock, sorted, rows) {
  const last = sorted.length ? sorted.length - 1 : 0;
  const codes = new Uint32Array(rows).fill(last);
  for (let row = 0; clock !== null && row < rows; row++)
    if (clock[row] !== MISSING_INT) codes[row] = newestBy(sorted, clock[row]);
  return codes;
}

/**
 * @param {readonly Entry[]} sorted
 * @param {number} time_min
 */
function newestBy(sorted, time_min) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle].as_of_min <= time_min) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? sorted.length : low - 1;
}

/**
 * @param {Times} times
 * @param {Record<string, Coded>} query
 * @param {readonly string[]} names Features.
 * @param {Tensors} columns
 */
function fillFrom({ codes, tables }, query, names, columns) {
  const fields = [...new Set(tables.flatMap((table) => table?.key_fields ?? []))];
  const parts = fields.filter((name) => query[name]).map((name) => ({ name, ...query[name] }));
  /** @type {ArrayLike<number>[]} By the place of a key. */
  const found = [];
  const read = (/** @type {number} */ row) => {
    const record = Object.fromEntries(parts.map((part) => [part.name, part.values[part.codes[row]]]));
    found.push(tables[codes[row]]?.read(record, names) ?? NOTHING);
  };
  const slots = keySlots(codes, parts, read);
  for (const [place, name] of names.entries()) {
    const { data } = columns[name];
    for (let row = 0; row < slots.length; row++) data[row] = found[slots[row]][place] ?? Number.NaN;
  }
}

/**
 * @param {Uint32Array} times
 * @param {readonly Coded[]} parts
 * @param {(row: number) => void} onNew Told the first row of each key.
 * @returns {Uint32Array} Which key each row has.
 */
function keySlots(times, parts, onNew) {
  const slots = new Uint32Array(times.length);
  /** @type {Map<number, number>} */
  const places = new Map();
  for (let row = 0; row < times.length; row++) {
    let key = times[row];
    for (const { values, codes } of parts) key = key * values.length + codes[row];
    let slot = places.get(key);
    if (slot === undefined) {
      slot = places.size;
      places.set(key, slot);
      onNew(row);
    }
    slots[row] = slot;
  }
  return slots;
}
