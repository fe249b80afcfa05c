/** A small pipeline's table, and jobs over files for it. */

import { newJob } from "../../../../../web/shared/jobs.js";
import { openSource } from "../../../../../web/worker/batch/source.js";

/** @type {import("../../../../../web/shared/release.js").EncodingTable} */
export const TABLE = {
  fields: [
    {
      ...{ name: "origin", dtype: "category", column: "int32", nullable: false, low: null, high: null },
      ...{ codes: { EWR: 0, JFK: 1 }, expectation: "one of EWR, JFK" },
    },
    {
      ...{ name: "delay", dtype: "float32", column: "float32", nullable: true, low: 0, high: 100 },
      ...{ codes: null, expectation: "a number from 0 to 100" },
    },
  ],
  others: "none",
  outputs: [{ name: "minutes", tensor: "y", labels: [], top: 0 }],
  problems_listed: 1000,
};

const OUTPUT = {
  name: "minutes",
  tensor: "y",
  title: "Minutes",
  unit: "min",
  description: "",
  decimals: 0,
  labels: [],
  top: 0,
};

/**
 * @param {Blob} file
 * @param {Partial<import("../../../../../web/shared/jobs.js").JobFacts>} [facts]
 */
export async function jobOver(file, facts = {}) {
  const source = await openSource(file, "flights.csv");
  const { format, rows, columns, start } = source;
  const job = newJob(
    {
      ...{ name: "flights.csv", size_bytes: file.size, format, rows, columns, pipeline: "small", release: "r1" },
      ...{ variant: "fp32", engine: /** @type {const} */ ("graph"), threads: 1 },
      ...{ mapping: { origin: "origin", delay: "delay" }, carried: ["id", "origin"], outputs: [OUTPUT], ...facts },
    },
    "job-1",
    0,
    start,
  );
  return { job, source };
}

/**
 * A file of rows of which every so many is wrong.
 *
 * @param {number} count
 * @param {number} wrongEvery
 */
export function flights(count, wrongEvery) {
  const lines = Array.from({ length: count }, (_, place) => {
    const row = place + 1;
    return `${row},${row % wrongEvery ? ["EWR", "JFK"][row % 2] : "XX"},${row % 50}`;
  });
  return new Blob([`id,origin,delay\n${lines.join("\n")}\n`]);
}

/**
 * Answers that follow from the columns: ten times the origin's code, and the delay.
 *
 * @type {import("../../../../../web/worker/batch/answering.js").Answering}
 */
export async function answer({ columns: { origin, delay } }) {
  const [codes, minutes] = [origin.data, delay.data].map((data) => Array.from(/** @type {Float32Array} */ (data)));
  return [{ numbers: Float32Array.from(codes, (code, place) => 10 * code + minutes[place]) }];
}
