import assert from "node:assert/strict";
import { test } from "node:test";
import { openPhotos } from "../../../../web/app/photo-samples.js";

const FOLDER = "https://example.org/assets/see-samples/";

/** @param {(url: string) => Response | Promise<Response>} answer */
const photos = (answer) => openPhotos(FOLDER, /** @type {any} */ (async (/** @type {string} */ url) => answer(url)));

test("samples are listed with their addresses in the folder, and loaded from there", async () => {
  /** @type {string[]} */
  const urls = [];
  const samples = photos((url) => {
    urls.push(url);
    return url.endsWith("index.json")
      ? Response.json({ photos: [{ file: "a cat.jpg", title: "A cat" }] })
      : new Response("bytes");
  });
  const [cat] = await samples.list();
  assert.equal(cat?.title, "A cat");
  assert.equal(await (await samples.load(/** @type {any} */ (cat))).text(), "bytes");
  assert.deepEqual(urls, [`${FOLDER}index.json`, `${FOLDER}a%20cat.jpg`]);
});

test("a photo that can't be had is a network error that names it", async () => {
  const sample = /** @type {any} */ ({ url: `${FOLDER}cat.jpg` });
  const offline = photos(() => Promise.reject(new TypeError("Failed to fetch")));
  await assert.rejects(offline.load(sample), {
    kind: "network",
    message: /cat\.jpg: got no answer \(Failed to fetch\)/,
  });
  const missing = photos(() => new Response("", { status: 404 }));
  await assert.rejects(missing.load(sample), { kind: "network", message: /cat\.jpg: got status 404/ });
});
