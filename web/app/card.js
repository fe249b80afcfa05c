// A model's card as the page shows it: how good it is, beside what anybody could do without it. No DOM.

/** @typedef {Record<string, number>} Quality measure to value, such as `before_departure_mae_min` */

/**
 * @typedef {object} Card
 * @property {string} title
 * @property {string} description
 * @property {string} licence
 * @property {{ source: string, version: string, licence: string, rows: number, train_rows: number, test_rows: number,
 *   train_period: [string, string], test_period: [string, string] }} data
 * @property {Record<string, Quality>} baselines
 * @property {string[]} limits
 * @property {{ name: string, parameters: number, size_bytes: number, quality: Quality }[]} variants
 */

/**
 * @typedef {object} QualityTable
 * @property {{ title: string, span: number }[]} groups what the measures were taken in, over their columns
 * @property {{ key: string, group: string, title: string }[]} columns
 * @property {{ name: string, released: boolean, values: string[] }[]} rows
 */

const MEASURE = /^(?<group>.*?)_?(?<measure>mae|rmse|accuracy|auc|f1)(?:_(?<unit>\w+))?$/;

/**
 * Every measure that a variant has, of the variants and of what they are compared with.
 *
 * @param {Card} card
 * @returns {QualityTable}
 */
export function qualityTable({ baselines, variants }) {
  const keys = [...new Set(variants.flatMap(({ quality }) => Object.keys(quality)))];
  const columns = keys.map((key) => ({ key, ...measureTitle(key) }));
  const row = (/** @type {string} */ name, /** @type {Quality} */ quality, /** @type {boolean} */ released) => ({
    name,
    released,
    values: keys.map((key) => quality[key]?.toFixed(2) ?? ""),
  });
  return {
    groups: grouped(columns),
    columns,
    rows: [
      ...Object.entries(baselines).map(([name, quality]) => row(sentence(name), quality, false)),
      ...variants.map(({ name, quality }) => row(`This model, ${name}`, quality, true)),
    ],
  };
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

/** @param {string} name */
function sentence(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
