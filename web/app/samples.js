// The real flights that a release carries: which days, and each day's. Fetched once each.

import { ForeshoreError } from "../shared/errors.js";

/** @typedef {import("./flights.js").DaySample} DaySample */

/**
 * @param {string} folder URL, ending in a slash
 * @param {typeof fetch} [fetcher]
 */
export function openSamples(folder, fetcher = (input, init) => fetch(input, init)) {
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
  };
}

/**
 * @param {string} url
 * @param {typeof fetch} fetcher
 * @returns {Promise<unknown>}
 */
async function readJson(url, fetcher) {
  const response = await fetcher(url).catch((cause) => {
    throw new ForeshoreError("network", `${url}: got no answer (${cause.message}); check the connection`, { cause });
  });
  if (!response.ok) throw new ForeshoreError("network", `${url}: got status ${response.status}, expected 200`);
  return response.json();
}
