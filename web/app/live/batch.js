// Forecasts made ahead, last night for the whole day, and retrieved by key. No DOM.

/** @typedef {import("./errors.js").Stored} Stored */
/** @typedef {import("./flights.js").LiveFlight} LiveFlight */
/** @typedef {import("../foreshore.js").Outputs} Outputs */

/**
 * @typedef {object} Archive what this needs of a predictor
 * @property {(key: Record<string, string>, options: { day: string }) => Promise<{ outputs: Outputs, as_of_min: number } | null>} stored
 */

/**
 * What was forecast for a day's flights the night before; flights that had no forecast are left out.
 *
 * @param {Archive} archive
 * @param {string} day
 * @param {readonly LiveFlight[]} flights
 * @returns {Promise<Map<string, Stored>>} by flight
 */
export async function batchOf(archive, day, flights) {
  const made = await Promise.all(flights.map((flight) => storedOf(archive, day, flight)));
  return new Map(made.filter((entry) => entry !== null));
}

/**
 * @param {Archive} archive
 * @param {string} day
 * @param {LiveFlight} flight
 * @returns {Promise<[string, Stored] | null>}
 */
async function storedOf(archive, day, { id, number, record }) {
  const stored = await archive.stored({ flight: number, origin: String(record.origin) }, { day });
  if (stored === null) return null;
  return [id, { delay_min: Number(stored.outputs.arrival_delay_min), as_of_min: stored.as_of_min }];
}
