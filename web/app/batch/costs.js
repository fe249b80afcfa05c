// What predictions for everyone, computed ahead, cost against predictions for those who ask. No DOM.

/**
 * @typedef {object} Spread of something measured several times
 * @property {number} median
 * @property {number} low the lower quartile
 * @property {number} high the upper one
 *
 * @typedef {object} Effort what one answer takes of one processor, in microseconds
 * @property {Spread} batch_us among many
 * @property {Spread} online_us alone
 *
 * @typedef {object} Demand
 * @property {number} users
 * @property {number} active share of them that asks on a day, 0 to 1
 * @property {number} predictions that an active user asks for on a day
 * @property {number} runs of the batch a day
 *
 * @typedef {object} Costs of a day
 * @property {Spread} batch_h hours of one processor, for everyone ahead
 * @property {Spread} online_h the same, for the active when they ask
 * @property {Spread} break_even the share of active users at which both cost the same; above 1 there is none
 * @property {"batch" | "online"} cheaper by the medians
 * @property {number} factor how many times as much the other one costs
 * @property {number} age_h of an answer computed ahead, on average, when it is asked for
 *
 * @typedef {Record<keyof Demand, string>} Typed a demand as the visitor types it
 */

const US_PER_HOUR = 3.6e9;
const HOURS_A_DAY = 24;

/**
 * Batch computes every prediction of every user in each run, whoever asks; online computes those that are asked for.
 *
 * @param {Demand} demand
 * @param {Effort} effort
 * @returns {Costs}
 */
export function costsOf({ users, active, predictions, runs }, { batch_us, online_us }) {
  const hours = (/** @type {number} */ answers, /** @type {Spread} */ spread) => scaled(spread, answers / US_PER_HOUR);
  const batch_h = hours(users * predictions * runs, batch_us);
  const online_h = hours(users * predictions * active, online_us);
  const [less, more] = [batch_h.median, online_h.median].sort((one, other) => one - other);
  return {
    ...{ batch_h, online_h },
    break_even: {
      median: (runs * batch_us.median) / online_us.median,
      low: (runs * batch_us.low) / online_us.high,
      high: (runs * batch_us.high) / online_us.low,
    },
    cheaper: batch_h.median < online_h.median ? "batch" : "online",
    factor: less === 0 ? Number.POSITIVE_INFINITY : more / less,
    age_h: HOURS_A_DAY / runs / 2,
  };
}

/**
 * @param {Spread} spread
 * @param {number} factor
 * @returns {Spread}
 */
function scaled({ median, low, high }, factor) {
  return { median: median * factor, low: low * factor, high: high * factor };
}

/**
 * The processor time of an answer, where so many come in a second while one processor is busy.
 *
 * @param {Spread} per_s
 * @returns {Spread}
 */
export function effortAt({ median, low, high }) {
  return { median: 1e6 / median, low: 1e6 / high, high: 1e6 / low };
}

/** @type {Record<keyof Demand, { title: string, hint: string, least: number, most: number, whole: boolean }>} */
export const QUESTIONS = {
  users: { title: "Users", hint: "", least: 1, most: 1e10, whole: true },
  active: {
    title: "Active on a day, in percent",
    hint: "The share of users who ask at all.",
    least: 0,
    most: 100,
    whole: false,
  },
  predictions: {
    title: "Predictions each asks for",
    hint: "On a day, by a user who is active.",
    least: 1,
    most: 1e6,
    whole: false,
  },
  runs: {
    title: "Batch runs a day",
    hint: "Each computes every user’s predictions anew.",
    least: 1,
    most: 1440,
    whole: true,
  },
};

/** @type {Typed} */
export const USUAL = { users: "1,000,000", active: "10", predictions: "3", runs: "1" };

/**
 * @param {Typed} typed
 * @returns {{ demand: Demand | null, problems: ReadonlyMap<string, string> }} no demand as long as there are problems
 */
export function demandOf(typed) {
  const read = Object.entries(typed).map(([name, text]) => /** @type {const} */ ([name, readNumber(text)]));
  const numbers = /** @type {Demand} */ (Object.fromEntries(read));
  /** @type {Map<string, string>} */
  const problems = new Map();
  for (const [name, value] of read) {
    const problem = problemOf(/** @type {keyof Demand} */ (name), value, typed[/** @type {keyof Demand} */ (name)]);
    if (problem !== "") problems.set(name, problem);
  }
  return { demand: problems.size > 0 ? null : { ...numbers, active: numbers.active / 100 }, problems };
}

/**
 * Digits may be grouped as people write them, as "1,000,000" or "1 000 000".
 *
 * @param {string} text
 */
function readNumber(text) {
  const bare = text.trim().replace(/(?<=\d)[,\s](?=\d{3}(\D|$))/g, "");
  return /^\d+(\.\d+)?$/.test(bare) ? Number(bare) : Number.NaN;
}

/**
 * @param {keyof Demand} name
 * @param {number} value
 * @param {string} text
 */
function problemOf(name, value, text) {
  const { least, most, whole } = QUESTIONS[name];
  const fits = value >= least && value <= most && (!whole || Number.isInteger(value));
  if (fits) return "";
  const range = `from ${least.toLocaleString("en")} to ${most.toLocaleString("en")}`;
  return `Got ${text.trim() === "" ? "nothing" : `“${text.trim()}”`}, expected a ${whole ? "whole number" : "number"} ${range}.`;
}

/**
 * Both costs by the share of active users, for a chart: batch stays, online rises.
 *
 * @param {Demand} demand
 * @param {Effort} effort
 * @param {readonly number[]} shares 0 to 1
 * @returns {{ share: number, batch_h: number, online_h: number }[]}
 */
export function costsByShare(demand, effort, shares) {
  return shares.map((share) => {
    const { batch_h, online_h } = costsOf({ ...demand, active: share }, effort);
    return { share, batch_h: batch_h.median, online_h: online_h.median };
  });
}

/** The shares that the table lists. */
export const SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

/**
 * How far the chart reaches: past the chosen share and the break-even, if there is one, in a round number.
 *
 * @param {number} active
 * @param {number} break_even
 */
export function widestShare(active, break_even) {
  const needed = 1.25 * Math.max(active, break_even <= 1 ? break_even : 0);
  return [0.02, 0.05, 0.1, 0.2, 0.5].find((share) => share >= needed) ?? 1;
}
