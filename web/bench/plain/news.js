/**
 * What windows over other flights tell of one, ported to JavaScript by hand from `models/eta/news.py`.
 *
 * Python computes in single precision; what double precision would round otherwise is rounded to that on the way.
 */

const COUNTS = /** @type {const} */ ([
  "origin_departures_60",
  "airline_departures_here_120",
  "destination_arrivals_180",
]);
const DELAYS = /** @type {const} */ ([
  "origin_departure_delay_60",
  "origin_departure_delay_max_60",
  "origin_departure_delay_decay_180",
  "airline_departure_delay_here_120",
  "airline_departure_delay_here_last_180",
  "destination_departure_delay_180",
  "destination_departure_delay_max_180",
  "origin_arrival_delay_120",
  "airline_arrival_delay_120",
  "airline_arrival_delay_decay_180",
  "destination_arrival_delay_180",
  "destination_arrival_delay_last_180",
  "aircraft_arrival_delay_last_720",
  "route_arrival_delay_28d",
  "airline_departure_delay_28d",
  "hour_departure_delay_28d",
]);

/** @typedef {Partial<Record<typeof COUNTS[number] | typeof DELAYS[number], number | null>>} News Minutes, and counts. */

/** Missing together with others, so that their absence tells nothing of its own. */
const SILENT = new Set([
  "origin_departure_delay_max_60",
  "destination_departure_delay_max_180",
  "destination_arrival_delay_last_180",
]);
const GAPS = DELAYS.filter((name) => !SILENT.has(name));
const MANY = 20;
const SHORT_MIN = 30;
const LONG_MIN = 120;

const SHARE_AT = 1;
const SQUASHED_AT = SHARE_AT + COUNTS.length;
const LONG_AT = SQUASHED_AT + DELAYS.length;
const GAPS_AT = LONG_AT + DELAYS.length;

/** Numbers that `writeNews` writes. */
export const NEWS_COUNT = GAPS_AT + GAPS.length;

/**
 * @param {News} news
 * @param {Float32Array} rows
 * @param {number} at Where to write; it holds zeros there.
 */
export function writeNews(news, rows, at) {
  if (news.origin_departures_60 == null) rows[at] = 1;
  for (let i = 0; i < COUNTS.length; i++) {
    const count = Math.fround(news[COUNTS[i]] ?? 0);
    rows[at + SHARE_AT + i] = count / Math.fround(count + MANY);
  }
  for (let i = 0; i < DELAYS.length; i++) {
    const delay = Math.fround(news[DELAYS[i]] ?? 0);
    rows[at + SQUASHED_AT + i] = delay / Math.fround(Math.abs(delay) + SHORT_MIN);
    rows[at + LONG_AT + i] = Math.min(2, Math.max(-1, delay / LONG_MIN));
  }
  for (let i = 0; i < GAPS.length; i++) if (news[GAPS[i]] == null) rows[at + GAPS_AT + i] = 1;
}
