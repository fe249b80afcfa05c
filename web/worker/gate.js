/** The only way from Python to the network: files of the release, checked, and what the page allowed by name. */

import { ForeshoreError } from "../shared/errors.js";

/**
 * @typedef {import("../shared/release.js").Wanted} Wanted
 * @typedef {import("./files.js").Files} Files
 */

/** @type {Record<string, string>} What `WebAssembly.instantiateStreaming` insists on. */
const CONTENT_TYPES = { wasm: "application/wasm", json: "application/json" };

/**
 * A `fetch` that lets nothing else pass.
 *
 * @param {object} rules
 * @param {string} rules.folder URL, with a slash at its end.
 * @param {Record<string, Wanted>} rules.wanted The files of that folder, by name.
 * @param {Files} rules.files Who downloads them.
 * @param {ReadonlySet<string>} rules.allowed URLs that may be fetched although no release names them.
 * @param {typeof globalThis.fetch} rules.fetch The browser's own.
 * @returns {typeof globalThis.fetch}
 */
export function gatedFetch({ folder, wanted, files, allowed, fetch }) {
  return async (input, options) => {
    const url = new URL(input instanceof Request ? input.url : input, folder).href;
    if (allowed.has(url)) return fetch(url, options);
    const name = url.startsWith(folder) ? url.slice(folder.length) : "";
    if (!Object.hasOwn(wanted, name)) throw refusal(url);
    const content_type = CONTENT_TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream";
    return new Response(await files.get(wanted[name]), { headers: { "content-type": content_type } });
  };
}

/** @param {string} url */
function refusal(url) {
  const advice = "add the package to the release, or name its wheel in the option `wheels`";
  return new ForeshoreError(
    "artefact",
    `${url}: got a request from Python for a file that the release does not name; ${advice}`,
  );
}
