// Reads cells as the browser does: one JSON command a line, `[field, texts]` or `[field, values]`, one JSON line in answer.
import { createInterface } from "node:readline";
import { dateText, momentText, textReader, timeText, valueReader } from "../../web/shared/cells.js";

/** @param {unknown} value What JSON can't hold, in words. */
function told(value) {
  if (Object.is(value, -0)) return "-0";
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** @type {Record<string, (...words: any[]) => unknown>} */
const commands = {
  texts: (field, texts) => texts.map(textReader(field)).map(told),
  numbers: (field, numbers) => numbers.map(Number).map(valueReader(field)).map(told),
  integers: (field, integers) => integers.map(BigInt).map(valueReader(field)).map(told),
  dates: (days) => days.map(dateText),
  times: (microseconds) => microseconds.map(BigInt).map(timeText),
  moments: (microseconds, isUTC) =>
    microseconds.map(BigInt).map((/** @type {bigint} */ each) => momentText(each, isUTC)),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { name, arguments: words } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ result: commands[name](...words) })}\n`);
}
