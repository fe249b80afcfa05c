import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { download, downloadJson, RETRY_DELAYS_MS } from "../../../../web/shared/download.js";
import { insecurePlatform, platform, serve, wantedOf } from "./site.js";

const CONTENT = "the tide comes in ".repeat(5000);

test("the bytes arrive, and are counted up to the whole", async (context) => {
  const url = await serve(context, (_request, response) => response.end(CONTENT));
  /** @type {number[]} */
  const counts = [];
  const bytes = await download(wantedOf(CONTENT, url), platform, { onBytes: (count) => counts.push(count) });
  assert.equal(new TextDecoder().decode(bytes), CONTENT);
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => a - b),
  );
  assert.equal(counts[0], 0);
  assert.equal(counts.at(-1), CONTENT.length);
});

test("bytes of a brotli response are counted and checked after decoding", async (context) => {
  const url = await serve(context, (_request, response) => {
    response.setHeader("content-encoding", "br");
    response.end(brotliCompressSync(CONTENT));
  });
  let last = 0;
  await download(wantedOf(CONTENT, url), platform, { onBytes: (count) => (last = count) });
  assert.equal(last, CONTENT.length);
});

test("a server that stumbles is asked again", async (context) => {
  let asked = 0;
  const url = await serve(context, (_request, response) => {
    asked += 1;
    if (asked < 3) response.writeHead(503).end();
    else response.end(CONTENT);
  });
  assert.equal((await download(wantedOf(CONTENT, url), platform)).length, CONTENT.length);
  assert.equal(asked, 3);
});

test("a broken connection is tried again", async (context) => {
  let asked = 0;
  const url = await serve(context, (_request, response) => {
    asked += 1;
    response.setHeader("content-length", CONTENT.length);
    if (asked > 1) response.end(CONTENT);
    else response.write(CONTENT.slice(0, 100), () => response.destroy());
  });
  assert.equal((await download(wantedOf(CONTENT, url), platform)).length, CONTENT.length);
});

test("a connection that falls silent is given up and tried again", async (context) => {
  let asked = 0;
  const url = await serve(context, (_request, response) => {
    asked += 1;
    if (asked === 1) response.write(CONTENT.slice(0, 100));
    else response.end(CONTENT);
  });
  assert.equal((await download(wantedOf(CONTENT, url), platform)).length, CONTENT.length);
  assert.equal(asked, 2);
});

for (const [where, place] of Object.entries({ "a secure page": platform, "an insecure page": insecurePlatform })) {
  test(`another content is refused on ${where}, after one more try past the cache`, async (context) => {
    let asked = 0;
    const url = await serve(context, (request, response) => {
      if (request.headers["cache-control"] === "no-cache") asked += 1;
      response.end(CONTENT.replace("tide", "TIDE"));
    });
    const failure = await download(wantedOf(CONTENT, url), place).catch((error) => error);
    assert.equal(failure.kind, "artefact");
    assert.match(failure.message, /expected 90000 bytes with sha256 [0-9a-f]{64}/);
    assert.equal(asked, 1);
  });

  test(`a stale cached copy is replaced on ${where}`, async (context) => {
    const url = await serve(context, (request, response) => {
      response.end(request.headers["cache-control"] === "no-cache" ? CONTENT : "an older file");
    });
    assert.equal((await download(wantedOf(CONTENT, url), place)).length, CONTENT.length);
  });

  test(`no server at all is a network error on ${where}`, async (context) => {
    const url = await serve(context, (_request, response) => response.destroy());
    const failure = await download(wantedOf(CONTENT, url), place).catch((error) => error);
    assert.equal(failure.kind, "network");
    assert.match(failure.message, /check the connection/);
  });
}

test("a file cut short is refused with both lengths", async (context) => {
  const url = await serve(context, (_request, response) => response.end(CONTENT.slice(0, 70)));
  const failure = await download(wantedOf(CONTENT, url), platform).catch((error) => error);
  assert.equal(failure.kind, "artefact");
  assert.match(failure.message, /got 70 bytes, expected 90000 bytes/);
});

test("a file that goes on too long is not read to its end", async (context) => {
  const url = await serve(context, (_request, response) => {
    response.write(`${CONTENT}more`);
  });
  const failure = await download(wantedOf(CONTENT, url), platform).catch((error) => error);
  assert.equal(failure.kind, "artefact");
  assert.match(failure.message, /got more than 90000 bytes/);
});

test("a missing file is an incomplete release, not a network error", async (context) => {
  const url = await serve(context, (_request, response) => response.writeHead(404).end());
  const failure = await download(wantedOf(CONTENT, url), platform).catch((error) => error);
  assert.equal(failure.kind, "artefact");
  assert.match(failure.message, /got status 404/);
});

test("a server that stays broken is given up after the last try", async (context) => {
  let asked = 0;
  const url = await serve(context, (_request, response) => {
    asked += 1;
    response.writeHead(500).end();
  });
  const failure = await download(wantedOf(CONTENT, url), platform).catch((error) => error);
  assert.equal(failure.kind, "network");
  assert.equal(asked, 1 + RETRY_DELAYS_MS.length);
});

test("a download can be cancelled while bytes come", async (context) => {
  const stop = new AbortController();
  const url = await serve(context, (_request, response) => {
    response.write(CONTENT.slice(0, 100));
  });
  const onBytes = (/** @type {number} */ count) => count > 0 && stop.abort();
  const failure = await download(wantedOf(CONTENT, url), platform, { signal: stop.signal, onBytes }).catch(
    (error) => error,
  );
  assert.equal(failure.kind, "cancelled");
});

test("a download can be cancelled between two tries", async (context) => {
  const stop = new AbortController();
  const url = await serve(context, (_request, response) => response.writeHead(500).end(() => stop.abort()));
  const failure = await download(wantedOf(CONTENT, url), platform, { signal: stop.signal }).catch((error) => error);
  assert.equal(failure.kind, "cancelled");
});

test("a channel is read past the cache", async (context) => {
  const url = await serve(context, (request, response) => {
    response.end(JSON.stringify({ asked: request.headers["cache-control"] }));
  });
  assert.deepEqual(await downloadJson(url, platform), { asked: "max-age=0" });
});

test("a channel that is no JSON says what came", async (context) => {
  const url = await serve(context, (_request, response) => response.end("<html>"));
  await assert.rejects(downloadJson(url, platform), { kind: "artefact", message: /expected JSON/ });
});
