import assert from "node:assert/strict";
import { test } from "node:test";
import { Files } from "../../../../web/worker/files.js";
import { gatedFetch } from "../../../../web/worker/gate.js";
import { platform, serve, wantedOf } from "../shared/site.js";

/** The smallest module there is. */
const WASM = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

/** @param {import("node:test").TestContext} context */
async function gated(context) {
  /** @type {string[]} */
  const asked = [];
  const site = await serve(context, (request, response) => {
    asked.push(request.url ?? "");
    response.end(request.url?.endsWith(".wasm") ? WASM : "bytes");
  });
  const folder = `${site}python/`;
  const wanted = {
    "core.wasm": wantedOf(WASM, `${folder}core.wasm`),
    "lock.json": wantedOf("other bytes", `${folder}lock.json`),
  };
  const files = new Files(platform, () => {});
  const allowed = new Set([`${site}wheels/extra.whl`]);
  return { site, folder, asked, fetch: gatedFetch({ folder, wanted, files, allowed, fetch: globalThis.fetch }) };
}

test("a file of the release passes, with the type that streaming compilation needs", async (context) => {
  const { fetch, folder, asked } = await gated(context);
  const response = await fetch(`${folder}core.wasm`);
  assert.ok(await WebAssembly.compileStreaming(response));
  assert.equal((await fetch(new Request(`${folder}core.wasm`))).status, 200);
  assert.deepEqual(asked, ["/python/core.wasm"], "a file that was had is not downloaded again");
});

test("a file with another content does not pass", async (context) => {
  const { fetch, folder } = await gated(context);
  await assert.rejects(fetch(`${folder}lock.json`), { kind: "artefact" });
});

test("nothing that the release does not name is even asked for", async (context) => {
  const { fetch, folder, site, asked } = await gated(context);
  for (const url of [
    `${folder}else.whl`,
    `${site}wheels/other.whl`,
    "http://127.0.0.1:9/",
    `${folder}toString`,
    folder,
  ]) {
    await assert.rejects(fetch(url), { kind: "artefact", message: /does not name/ });
  }
  assert.deepEqual(asked, []);
});

test("a wheel that the page named passes", async (context) => {
  const { fetch, site } = await gated(context);
  assert.equal(await (await fetch(`${site}wheels/extra.whl`)).text(), "bytes");
});
