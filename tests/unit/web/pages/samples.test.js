import assert from "node:assert/strict";
import { test } from "node:test";
import { openSamples } from "../../../../web/app/samples.js";

test("a day is fetched once, however often it is asked for", async () => {
  /** @type {string[]} */
  const urls = [];
  const fetcher = async (/** @type {any} */ url) => {
    urls.push(url);
    return Response.json(url.endsWith("index.json") ? { days: ["2013-10-01"] } : { day: "2013-10-01" });
  };
  const samples = openSamples("https://example.org/assets/eta-samples/", /** @type {any} */ (fetcher));
  assert.deepEqual(await samples.days(), ["2013-10-01"]);
  await samples.day("2013-10-01");
  await samples.day("2013-10-01");
  await samples.events("2013-10-01");
  assert.deepEqual(urls, [
    "https://example.org/assets/eta-samples/index.json",
    "https://example.org/assets/eta-samples/2013-10-01.json",
    "https://example.org/assets/eta-samples/events/2013-10-01.json",
  ]);
});

test("a failed fetch is a network error, and is tried anew the next time", async () => {
  let tries = 0;
  const fetcher = async () => {
    tries += 1;
    if (tries === 1) throw new TypeError("Failed to fetch");
    return tries === 2 ? new Response("", { status: 503 }) : Response.json({ days: [] });
  };
  const samples = openSamples("https://example.org/s/", /** @type {any} */ (fetcher));
  await assert.rejects(samples.days(), { kind: "network", message: /got no answer \(Failed to fetch\)/ });
  await assert.rejects(samples.days(), { kind: "network", message: /got status 503/ });
  assert.deepEqual(await samples.days(), []);
});
