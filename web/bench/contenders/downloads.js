/** Downloads as a first visit makes them: all files at once, past the browser's cache. */

/** @typedef {import("../measure/benchmark.js").Downloaded} Downloaded */

/**
 * Fetches files and leaves them in the browser's cache.
 *
 * @param {string[]} urls
 * @param {AbortSignal} [signal]
 * @returns {Promise<Downloaded>}
 */
export async function downloadAll(urls, signal) {
  performance.clearResourceTimings();
  const start = performance.now();
  const sizes = await Promise.all(urls.map((url) => fetchWhole(url, signal)));
  const download_ms = performance.now() - start;
  const decoded_bytes = sizes.reduce((sum, size) => sum + size, 0);
  return { files: urls.length, transferred_bytes: transferred(urls) || decoded_bytes, decoded_bytes, download_ms };
}

/**
 * @param {string} url
 * @param {AbortSignal} [signal]
 * @returns {Promise<number>} Bytes, decompressed.
 */
async function fetchWhole(url, signal) {
  const reply = await fetch(url, { cache: "reload", signal });
  if (!reply.ok) throw new Error(`${url}: got status ${reply.status}, expected 200; the site is not complete`);
  return (await reply.arrayBuffer()).byteLength;
}

/**
 * @param {string[]} urls
 * @returns {number} Bytes as they came, 0 where the browser does not tell.
 */
function transferred(urls) {
  const wanted = new Set(urls);
  const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType("resource"));
  return entries.filter(({ name }) => wanted.has(name)).reduce((sum, entry) => sum + entry.encodedBodySize, 0);
}
