// The news of a replay: departures and arrivals in the order in which they became known. No DOM.

/** @typedef {import("../../generated/vocabulary.js").Wire} Wire */
/** @typedef {import("../fields.js").WireRecord} WireRecord */
/** @typedef {"departures" | "arrivals"} NewsType */
/** @typedef {[type: NewsType, record: WireRecord]} News */

/**
 * A day's events as the release carries them: one array a column.
 *
 * @typedef {{ day: string } & Record<NewsType, Record<string, Wire[]>>} DayEvents
 */

/** At the same minute, departures come first. @type {readonly NewsType[]} */
const TYPES = ["departures", "arrivals"];

/**
 * The news of some days as one stream.
 *
 * @param {readonly DayEvents[]} days
 * @returns {News[]} by the time at which it became known
 */
export function feedOf(days) {
  const news = TYPES.flatMap((type) => days.flatMap((day) => newsOf(type, day[type])));
  return news.sort((one, other) => knownAt(one) - knownAt(other));
}

/**
 * @param {NewsType} type
 * @param {Record<string, Wire[]>} columns
 * @returns {News[]}
 */
function newsOf(type, columns) {
  const names = Object.keys(columns);
  const rows = columns.known_time_min ?? [];
  return rows.map((_, row) => [type, Object.fromEntries(names.map((name) => [name, columns[name]?.[row] ?? null]))]);
}

/**
 * When news became known; what does not say so comes first, for the windows to judge at once.
 *
 * @param {News} news
 */
export function knownAt([, { known_time_min }]) {
  return typeof known_time_min === "number" ? known_time_min : Number.NEGATIVE_INFINITY;
}

/**
 * Whether news can be read: windows drop what can't, and people are not told of it.
 *
 * @param {News} news
 */
export function isReadable([, { known_time_min, delay_min }]) {
  return Number.isInteger(known_time_min) && Number.isInteger(delay_min);
}

/**
 * All that became known until a minute.
 *
 * @param {readonly News[]} feed
 * @param {number} until_min
 */
export function newsUntil(feed, until_min) {
  return feed.slice(0, countUntil(feed, until_min));
}

/**
 * What became known after one minute and until another.
 *
 * @param {readonly News[]} feed
 * @param {number} after_min
 * @param {number} until_min
 */
export function newsBetween(feed, after_min, until_min) {
  return feed.slice(countUntil(feed, after_min), countUntil(feed, until_min));
}

/**
 * The minute of the next news; null if there is none.
 *
 * @param {readonly News[]} feed
 * @param {number} after_min
 */
export function nextNews(feed, after_min) {
  const next = feed[countUntil(feed, after_min)];
  return next === undefined ? null : knownAt(next);
}

/**
 * How much of the feed is known by a minute.
 *
 * @param {readonly News[]} feed
 * @param {number} until_min
 */
function countUntil(feed, until_min) {
  let [low, high] = [0, feed.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (knownAt(/** @type {News} */ (feed[middle])) <= until_min) low = middle + 1;
    else high = middle;
  }
  return low;
}
