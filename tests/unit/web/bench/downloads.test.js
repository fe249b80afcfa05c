import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { downloadAll } from "../../../../web/bench/contenders/downloads.js";

const TEXT = "a long way down to the water ".repeat(1000);
const server = createServer((request, response) => {
  if (request.url === "/missing") return response.writeHead(404).end();
  const content = gzipSync(TEXT);
  return response.writeHead(200, { "content-encoding": "gzip", "content-length": content.length }).end(content);
});
let site = "";

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  site = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
});

after(() => server.close());

test("downloads tell files, time, and bytes before and after decompression", async () => {
  const { files, decoded_bytes, transferred_bytes, download_ms } = await downloadAll([`${site}/a`, `${site}/b`]);
  assert.equal(files, 2);
  assert.equal(decoded_bytes, 2 * TEXT.length);
  assert.ok(transferred_bytes > 0 && transferred_bytes <= decoded_bytes);
  assert.ok(download_ms > 0);
});

test("a file that is not there is an error that names it", async () => {
  await assert.rejects(downloadAll([`${site}/a`, `${site}/missing`]), /missing: got status 404, expected 200/);
});

test("a cancelled download rejects", async () => {
  await assert.rejects(downloadAll([`${site}/a`], AbortSignal.abort()), { name: "AbortError" });
});
