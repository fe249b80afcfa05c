/** A whole file, read part by part as a job reads it. */

import { openSource } from "../../../../../web/worker/batch/source.js";

/**
 * @param {Blob | string | Uint8Array<ArrayBuffer>} content
 * @param {{name?: string, rows?: number, columns?: string[]}} [options]
 */
export async function readAll(content, { name = "flights.csv", rows = 3, columns } = {}) {
  const source = await openSource(content instanceof Blob ? content : new Blob([content]), name);
  await source.check();
  const names = columns ?? source.columns.map((column) => column.name);
  /** @type {unknown[][]} */
  const records = [];
  /** @type {string[]} */
  const problems = [];
  const places = [source.start];
  for (let done = source.rows === 0; !done; ) {
    const part = await source.read(places[places.length - 1], names, rows);
    for (const [place, row] of part.rows.entries())
      records.push([row, ...part.columns.map(({ values, codes }) => values[codes[place]])]);
    problems.push(...part.problems.map(({ message }) => message));
    places.push(part.next);
    done = part.done;
  }
  return { source, records, problems, places };
}
