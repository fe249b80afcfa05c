/** Answers that were computed ahead and released, by key. */

import { newest } from "./archive.js";
import { brief } from "./encoding.js";
import { ForeshoreError } from "./errors.js";

/**
 * @typedef {import("./archive.js").Archive} Archive
 * @typedef {import("./table.js").Table} Table
 *
 * @typedef {object} Forecast
 * @property {Record<string, number>} outputs
 * @property {number} as_of_min When it was computed, in minutes since 1970-01-01 UTC.
 */

/** Looks up answers in the tables of a release. */
export class Forecasts {
  #archive;

  /** @param {Archive} archive */
  constructor(archive) {
    this.#archive = archive;
  }

  /**
   * A key's answer in the newest table of a day.
   *
   * @param {Record<string, unknown>} key
   * @param {string} day That it is for.
   * @param {number | null} time_min By when it must have been computed; null: whenever.
   * @returns {Promise<Forecast | null>} Null where no table of that day was there by that time, or it has no such key.
   * @throws {ForeshoreError} "validation" where a part of the key is missing, "network", "artefact", "cancelled".
   */
  async find(key, day, time_min) {
    const entries = [...(await this.#archive.index()).values()].flat();
    const ofDay = entries.filter((each) => each.day === day);
    const entry = newest(ofDay, time_min);
    if (!entry) return null;
    const table = await this.#archive.table(entry.file);
    checkKey(table, key);
    const outputs = table.has(key) ? table.lookup(key) : {};
    return isWhole(outputs) ? { outputs, as_of_min: table.as_of_min } : null;
  }
}

/**
 * @param {import("./table.js").Values} outputs
 * @returns {outputs is Record<string, number>}
 */
function isWhole(outputs) {
  const values = Object.values(outputs);
  return values.length > 0 && !values.includes(null);
}

/**
 * @param {Table} table
 * @param {Record<string, unknown>} key
 */
function checkKey({ key_fields }, key) {
  const missing = key_fields.find((name) => typeof key[name] !== "string" && typeof key[name] !== "number");
  if (missing === undefined) return;
  const got = key[missing] === undefined ? "nothing" : brief(key[missing]);
  const expected = `a text or a number; a key has the fields ${key_fields.join(", ")}`;
  throw new ForeshoreError("validation", `${missing}: got ${got}, expected ${expected}`, { field: missing });
}
