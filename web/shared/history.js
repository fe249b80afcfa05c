/** Historical features of records, out of a release's tables. */

import { newest } from "./archive.js";
import { minutesSinceEpoch } from "./encoding.js";
import { isRecord, lacking } from "./records.js";

/**
 * @typedef {import("./archive.js").Archive} Archive
 * @typedef {import("./archive.js").Entry} Entry
 * @typedef {import("./release.js").View} View
 * @typedef {import("./table.js").Table} Table
 * @typedef {Record<string, unknown>} Row
 *
 * @typedef {object} Question What a record asks of the tables.
 * @property {Row} record
 * @property {string[]} absent Historical features that it does not carry.
 * @property {Entry[]} entries The tables that have them.
 */

/** What a derived field of a query is, of the text that it follows from. @type {Record<View["derived"][number]["part"], (text: string) => string>} */
export const PARTS = { hour: (text) => text.slice(0, 2) };

/** Fills in what the tables know of records. */
export class History {
  /** Feature to its table. @type {Map<string, string>} */
  #tables;
  #view;
  #clock;
  #archive;

  /**
   * @param {View} view
   * @param {string | null} clock The field that says when a record is asked.
   * @param {Archive} archive
   */
  constructor(view, clock, archive) {
    this.#tables = new Map(Object.entries(view.tables).flatMap(([table, names]) => names.map((name) => [name, table])));
    this.#view = view;
    this.#clock = clock;
    this.#archive = archive;
  }

  /**
   * Records with their historical features. What a record carries, null included, stays; a feature that no table of its
   * time has is null. Only the tables that are needed are downloaded. Records that are wrong are left to the validator.
   *
   * @param {readonly unknown[]} records
   * @returns {Promise<readonly unknown[]>}
   * @throws {import("./errors.js").ForeshoreError} "network", "artefact", "cancelled".
   */
  async fill(records) {
    if (!records.some((record) => this.#lacking(record).length)) return records;
    const index = await this.#archive.index();
    const questions = records.map((record) => this.#question(record, index));
    const files = new Set(questions.flatMap(({ entries }) => entries.map(({ file }) => file)));
    const tables = new Map(
      await Promise.all([...files].map(async (file) => /** @type {const} */ ([file, await this.#archive.table(file)]))),
    );
    return records.map((record, row) => (isRecord(record) ? this.#filled(questions[row], tables) : record));
  }

  /** @param {unknown} record */
  #lacking(record) {
    return lacking(record, [...this.#tables.keys()]);
  }

  /**
   * @param {unknown} record
   * @param {ReadonlyMap<string, Entry[]>} index
   * @returns {Question}
   */
  #question(record, index) {
    const absent = this.#lacking(record);
    const asked = isRecord(record) ? record : {};
    const time_min = this.#time(asked);
    const tables = new Set(absent.map((name) => this.#tables.get(name) ?? ""));
    const entries = [...tables].map((table) => newest(index.get(table) ?? [], time_min));
    return { record: asked, absent, entries: entries.filter((entry) => entry !== null) };
  }

  /** @param {Row} record */
  #time(record) {
    const time = this.#clock === null ? null : record[this.#clock];
    return typeof time === "string" ? minutesSinceEpoch(time) : null;
  }

  /**
   * @param {Question} question
   * @param {ReadonlyMap<string, Table>} tables By file.
   */
  #filled({ record, absent, entries }, tables) {
    const query = { ...record, ...this.#derived(record) };
    const known = Object.assign({}, ...entries.map(({ file }) => tables.get(file)?.lookup(query)));
    return { ...record, ...Object.fromEntries(absent.map((name) => [name, known[name] ?? null])) };
  }

  /** @param {Row} record */
  #derived(record) {
    const fields = this.#view.derived.map(({ name, field, part }) => {
      const value = record[field];
      return [name, typeof value === "string" ? PARTS[part](value) : null];
    });
    return Object.fromEntries(fields);
  }
}
