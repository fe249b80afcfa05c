// The real flights that a release carries: which days, each day's, and what became known on it. Fetched once each.

import { readJson } from "./json-file.js";

/** @typedef {import("./flights.js").DaySample} DaySample */
/** @typedef {import("./live/feed.js").DayEvents} DayEvents */

/**
 * @param {string} folder URL, ending in a slash
 * @param {typeof fetch} [fetcher]
 */
export function openSamples(folder, fetcher) {
  /** @type {Map<string, Promise<unknown>>} */
  const kept = new Map();

  /** @param {string} name */
  const load = (name) => {
    const file = kept.get(name) ?? readJson(new URL(`${name}.json`, folder).href, fetcher);
    kept.set(name, file);
    file.catch(() => kept.delete(name));
    return file;
  };

  return {
    /** @returns {Promise<string[]>} */
    days: async () => /** @type {{ days: string[] }} */ (await load("index")).days,
    /** @param {string} day @returns {Promise<DaySample>} */
    day: async (day) => /** @type {DaySample} */ (await load(day)),
    /** @param {string} day @returns {Promise<DayEvents>} */
    events: async (day) => /** @type {DayEvents} */ (await load(`events/${day}`)),
  };
}
