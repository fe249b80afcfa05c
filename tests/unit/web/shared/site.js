/** A real HTTP server on loopback, and the platform that downloads from it in a hundredth of the time. */

import { createHash } from "node:crypto";
import { createServer } from "node:http";

/** @typedef {import("node:http").RequestListener} RequestListener */

/** Waits pass a hundred times faster here: what is tested is their order, not their length. */
const HASTE = 100;

export const platform = {
  fetch: globalThis.fetch,
  setTimeout: (/** @type {() => void} */ action, /** @type {number} */ delay_ms) =>
    setTimeout(action, delay_ms / HASTE),
  clearTimeout,
  btoa,
  TextDecoder,
  crypto: globalThis.crypto,
};

/** As a page has it that came over plain HTTP: no `crypto.subtle`. */
export const insecurePlatform = { ...platform, crypto: {} };

/**
 * @param {import("node:test").TestContext} context The server ends with the test.
 * @param {RequestListener} answer
 * @returns {Promise<string>} Its address, with a slash at its end.
 */
export async function serve(context, answer) {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`;
}

/**
 * @param {string | Uint8Array} content
 * @param {string} url
 */
export function wantedOf(content, url) {
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { url, sha256, size_bytes: Buffer.byteLength(content) };
}
