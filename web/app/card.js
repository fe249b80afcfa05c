// A model's card as the page shows it: how good it is, beside what anybody could do without it, and what makes it so. No DOM.

import { timeText } from "../bench/views/words.js";
import { changeIn, changeText } from "./compression/facts.js";
import { bytesText, dateText, numberText } from "./format.js";

/** @typedef {Record<string, number>} Quality measure to value, such as `before_departure_mae_min` */

/**
 * @typedef {object} Ablation the same model with less to know
 * @property {({ name: string } & Record<string, number | string>)[]} rows a name, and the measures as in `Quality`
 * @property {string} note
 *
 * @typedef {object} SegmentComparison a model of one segment's own beside the global one, on that segment alone
 * @property {string} value of the segment field
 * @property {string} variant
 * @property {{ global_mae_min: number, segment_mae_min: number, low: number, high: number }} validation `low` to `high`:
 *   where the difference lies, negative where the segment's own is better
 * @property {boolean} kept
 *
 * @typedef {object} Card
 * @property {string} title
 * @property {string} description
 * @property {string} licence
 * @property {{ source: string, licence: string, rows: number } & Learned} data
 * @property {string} [measured] what the measures are, where they are no errors
 * @property {Record<string, Quality>} baselines
 * @property {string[]} limits
 * @property {{ name: string, parameters: number, size_bytes: number, quality: Quality }[]} variants
 * @property {string} pipeline
 * @property {Ablation} [ablation]
 * @property {Compression} [compression] what its variants cost and gain, where they were compared
 * @property {{ field: string, compared: SegmentComparison[] }} [segments]
 */

/**
 * @typedef {{ median: number, lower_quartile: number, upper_quartile: number }} Ratio to the base's time
 *
 * @typedef {object} Compression the released variants beside the one that they were made of, the first
 * @property {string} base
 * @property {string} loss what is lost, with its unit
 * @property {boolean} relative whether losses are told as shares of the base's
 * @property {number} threads
 * @property {number[]} batches
 * @property {{ name: string, size_bytes: number, times: { batch: number, median_ms: number, ratio: Ratio }[], quality: Record<string, import("./compression/facts.js").Difference> | null }[]} rows
 */

/**
 * @typedef {object} Learned
 * @property {number} train_rows
 * @property {number} test_rows
 * @property {[string, string]} [train_period] first and last day, of data that have days
 * @property {[string, string]} [test_period]
 */

/**
 * @typedef {object} QualityTable
 * @property {{ title: string, span: number }[]} groups what the measures were taken in, over their columns
 * @property {{ key: string, group: string, title: string }[]} columns
 * @property {{ name: string, released: boolean, values: string[] }[]} rows
 */

const ERRORS = "Errors on those, smaller is better:";
const MEASURE = /^(?<group>.*?)_?(?<measure>mae|rmse|accuracy|agreement|auc|f1)(?:_(?<unit>\w+))?$/;

/**
 * What it learned from and what it was tested on.
 *
 * @param {Learned} data
 * @param {string} [measured] what the measures are
 */
export function learnedText({ train_rows, test_rows, train_period, test_period }, measured = ERRORS) {
  const learned = `${numberText(train_rows)} rows${train_period ? ` of ${periodText(train_period)}` : ""}`;
  const tested = `${numberText(test_rows)} ${test_period ? `later ones, of ${periodText(test_period)}` : "others"}`;
  return `It learned from ${learned} and was tested on ${tested}. ${measured}`;
}

/** @param {[string, string]} period */
function periodText([first, last]) {
  return `${dateText(first)} to ${dateText(last)}`;
}

/**
 * The variants beside what they are compared with, in the measures that were taken of both.
 *
 * @param {Card} card
 * @returns {QualityTable}
 */
export function qualityTable({ baselines, variants }) {
  const compared = Object.entries(baselines).map(([name, quality]) => ({
    name: sentence(name),
    released: false,
    quality,
  }));
  const own = variants.map(({ name, quality }) => ({ name: `This model, ${name}`, released: true, quality }));
  const known = new Set(keysOf(compared));
  return measured(
    [...compared, ...own],
    keysOf(own).filter((key) => known.has(key)),
  );
}

/**
 * How good the variants are by situation, such as "Before departure without news": a row each, and the variants side by
 * side.
 *
 * @param {Card} card
 * @returns {QualityTable}
 */
export function situationTable({ variants }) {
  const keys = keysOf(variants).map((key) => ({ key, ...measureTitle(key) }));
  const titles = [...new Set(keys.map(({ title }) => title))];
  const situations = [...new Set(keys.map(({ group }) => group))];
  const keyOf = (/** @type {string} */ group, /** @type {string} */ title) =>
    keys.find((each) => each.group === group && each.title === title)?.key ?? "";
  return {
    groups: variants.map(({ name }) => ({ title: name, span: titles.length })),
    columns: variants.flatMap(({ name }) => titles.map((title) => ({ key: `${name} ${title}`, group: name, title }))),
    rows: situations.map((group) => ({
      name: group,
      released: false,
      values: variants.flatMap(({ quality }) => titles.map((title) => valueText(quality[keyOf(group, title)]))),
    })),
  };
}

/**
 * What each part of the knowledge is worth.
 *
 * @param {Ablation} ablation
 * @returns {QualityTable}
 */
export function ablationTable({ rows }) {
  const measures = rows.map(({ name, ...quality }) => ({
    name: sentence(name),
    released: false,
    quality: /** @type {Quality} */ (quality),
  }));
  return measured(measures, keysOf(measures));
}

/** @param {{ quality: Quality }[]} rows */
function keysOf(rows) {
  return [...new Set(rows.flatMap(({ quality }) => Object.keys(quality)))];
}

/**
 * @param {{ name: string, released: boolean, quality: Quality }[]} rows
 * @param {string[]} keys the measures to show
 * @returns {QualityTable}
 */
function measured(rows, keys) {
  const columns = keys.map((key) => ({ key, ...measureTitle(key) }));
  const values = (/** @type {Quality} */ quality) => keys.map((key) => valueText(quality[key]));
  return {
    groups: grouped(columns),
    columns,
    rows: rows.map(({ name, released, quality }) => ({ name, released, values: values(quality) })),
  };
}

/** @param {number | undefined} value */
function valueText(value) {
  return value?.toFixed(2) ?? "";
}

/**
 * Whether each segment has a model of its own, and why: it is kept only where it is better beyond doubt.
 *
 * @param {NonNullable<Card["segments"]>} segments
 */
export function segmentRows({ compared }) {
  return compared.map(({ value, variant, validation, kept }) => ({
    value,
    variant,
    kept,
    global: validation.global_mae_min.toFixed(2),
    segment: validation.segment_mae_min.toFixed(2),
    reason: segmentReason(validation, kept),
  }));
}

/**
 * @param {SegmentComparison["validation"]} validation
 * @param {boolean} kept
 */
function segmentReason({ low, high }, kept) {
  const [least, most] = [numberText(-high), numberText(-low)];
  const better = `${least} to ${most} min better`;
  if (kept) return `Kept: ${better}`;
  return high > 0 ? `Not kept: ${numberText(high)} worse to ${most} min better` : `Not kept, though ${better}`;
}

/**
 * Size, speed and loss of each variant, as a table of texts.
 *
 * @param {Compression} compression
 */
export function compressionRows({ base, relative, rows }) {
  const [first] = rows;
  return rows.map(({ name, size_bytes, times, quality }) => ({
    name,
    size: bytesText(size_bytes),
    smaller: `${numberText((first?.size_bytes ?? size_bytes) / size_bytes)}×`,
    times: times.map(({ median_ms, ratio }) => (name === base ? timeText(median_ms) : spedText(ratio))),
    worst: quality === null ? "" : worstText(quality, relative),
  }));
}

/** @param {Ratio} ratio */
function spedText({ median, lower_quartile, upper_quartile }) {
  const [speed, low, high] = [median, upper_quartile, lower_quartile].map((each) => (1 / each).toFixed(2));
  return `${speed}× (${low} to ${high})`;
}

/**
 * The exam with the highest upper end of its interval.
 *
 * @param {NonNullable<Compression["rows"][number]["quality"]>} quality
 * @param {boolean} relative
 */
function worstText(quality, relative) {
  const changes = Object.keys(quality).map((exam) => changeIn(exam, quality[exam], relative));
  const worst = changes.reduce((one, other) => (other.high > one.high ? other : one));
  const [value, low, high] = [worst.value, worst.low, worst.high].map((each) => changeText(each, relative));
  return `${value} (${low} to ${high}), ${worst.exam.replaceAll("_", " ")}`;
}

/** @param {QualityTable["columns"]} columns */
function grouped(columns) {
  /** @type {QualityTable["groups"]} */
  const groups = [];
  for (const { group } of columns) {
    const last = groups.at(-1);
    if (last?.title === group) last.span += 1;
    else groups.push({ title: group, span: 1 });
  }
  return groups;
}

/**
 * "Before departure" and "MAE, min" for "before_departure_mae_min"; a measure of no known name stands for itself.
 *
 * @param {string} key
 */
export function measureTitle(key) {
  const { group = "", measure = key, unit } = MEASURE.exec(key)?.groups ?? {};
  const title = measure.length <= 4 ? measure.toUpperCase() : sentence(measure);
  return { group: sentence(group), title: unit === undefined ? title : `${title}, ${unit}` };
}

/**
 * "Departure delay" for "departure_delay".
 *
 * @param {string} name
 */
export function sentence(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
