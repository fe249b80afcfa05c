// Reads CSV files as the Batch page does: a JSON list of a text a line, in answer its rows and what is wrong, or why it can't be read.
import { createInterface } from "node:readline";
import { CsvSource } from "../../web/worker/batch/csv.js";

const ROWS = 3;

/** @param {string} text */
async function read(text) {
  try {
    const source = await CsvSource.open(new Blob([text]), "t.csv");
    await source.check();
    const names = source.columns.map(({ name }) => name);
    /** @type {[number, unknown][]} */
    const rows = [];
    for (let place = source.start, done = false; !done; ) {
      const part = await source.read(place, names, ROWS);
      for (const { row, got, expected } of part.problems) rows.push([row, `got ${got}, expected ${expected}`]);
      for (const [at, row] of part.rows.entries())
        rows.push([row, part.columns.map(({ values, codes }) => values[codes[at]])]);
      ({ next: place, done } = part);
    }
    return { names, rows: rows.sort(([one], [other]) => one - other) };
  } catch (error) {
    return { refused: String(/** @type {Error} */ (error).message) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { arguments: words } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ result: await read(words[0]) })}\n`);
}
