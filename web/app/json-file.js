// A JSON file of the release, for the page itself. No DOM.

import { ForeshoreError } from "../shared/errors.js";

/**
 * @param {string} url
 * @param {typeof fetch} [fetcher]
 * @returns {Promise<unknown>}
 * @throws {ForeshoreError} "network"
 */
export async function readJson(url, fetcher = (input, init) => fetch(input, init)) {
  const response = await fetcher(url).catch((cause) => {
    throw new ForeshoreError("network", `${url}: got no answer (${cause.message}); check the connection`, { cause });
  });
  if (!response.ok) throw new ForeshoreError("network", `${url}: got status ${response.status}, expected 200`);
  return response.json();
}
