/** Tables as `foreshore.store` writes them, and a folder of them on a server. */

import { platform, serve, wantedOf } from "./site.js";

/**
 * @param {object} parts
 * @param {string} parts.table
 * @param {number} parts.as_of_min
 * @param {string[]} parts.key_fields
 * @param {(string | number)[][]} parts.keys One a row.
 * @param {Record<string, number[]>} parts.columns
 * @param {(number | null)[]} parts.defaults
 */
export function tableBytes({ table, as_of_min, key_fields, keys, columns, defaults }) {
  const names = Object.keys(columns);
  const head = {
    ...{ format: 1, table, signature: "0".repeat(64), as_of_min, key_fields, sha256: "0".repeat(64) },
    keys: key_fields.map((_, place) => keys.map((key) => key[place])),
    columns: names.map((name, place) => ({ name, default: defaults[place] })),
    rows: keys.length,
  };
  const line = new TextEncoder().encode(JSON.stringify(head));
  const padding = new Uint8Array(7 - (line.length % 8)).fill(32);
  const values = new Uint8Array(Float32Array.from(Object.values(columns).flat()).buffer);
  return Buffer.concat([line, padding, Uint8Array.of(10), values]);
}

/**
 * A server with these files, and how a release names them.
 *
 * @param {import("node:test").TestContext} context
 * @param {Record<string, string | Uint8Array>} contents
 */
export async function folder(context, contents) {
  /** @type {string[]} */
  const asked = [];
  const site = await serve(context, (request, response) => {
    const name = request.url?.slice(1) ?? "";
    asked.push(name);
    response.statusCode = Object.hasOwn(contents, name) ? 200 : 404;
    response.end(contents[name]);
  });
  const files = Object.entries(contents).map(([name, content]) => [name, wantedOf(content, site + name)]);
  return { asked, files: Object.fromEntries(files), platform };
}
