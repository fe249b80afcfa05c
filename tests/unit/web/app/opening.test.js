import assert from "node:assert/strict";
import { test } from "node:test";
import { cloudPlan } from "../../../../web/app/runtime/cloud.js";
import { openedBy } from "../../../../web/app/runtime/opening.js";
import { ForeshoreError } from "../../../../web/shared/errors.js";
import { serve } from "../shared/site.js";
import { PIPELINE } from "./harbour.js";

const OUT_OF_MEMORY = new ForeshoreError("model", "out of memory");
const RELEASE = /** @type {any} */ ({ id: "r", pipelines: { tides: PIPELINE } });
const NEVER = new Promise(() => {});

/**
 * Opens with a device that does as the test says, beside a server that answers with one status.
 *
 * @param {import("node:test").TestContext} context
 * @param {object} setting
 * @param {() => Promise<any>} setting.device
 * @param {number | null} [setting.status] Null for a server that is away.
 * @param {boolean} [setting.cloudFirst]
 * @param {() => boolean} [setting.consented]
 */
async function opening(context, { device, status = 200, cloudFirst = false, consented = () => true }) {
  /** @type {string[]} */
  const asked = [];
  const base = await serve(context, (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (status === null) response.destroy();
    else response.writeHead(status).end("{}");
  });
  Object.defineProperty(globalThis, "Worker", { value: class {}, configurable: true });
  context.after(() => Reflect.deleteProperty(globalThis, "Worker"));
  /** @type {ForeshoreError[]} */
  const dismissed = [];
  const crew = {
    signal: new AbortController().signal,
    open: device,
    dismiss: (/** @type {ForeshoreError} */ error) => dismissed.push(error),
  };
  const plan = {
    ...{ cloud: cloudPlan(base, RELEASE, "tides", "fp32", consented), cloudFirst, pipeline: PIPELINE },
    about: { release: "r", variant: "fp32", engine: "graph" },
  };
  const opened = openedBy(/** @type {any} */ (plan), /** @type {any} */ (crew), globalThis, crew.signal, 20);
  return { opened, asked, dismissed };
}

const able = async () => ({
  calls: { python: null },
  python: null,
  model: { threads: 2, provider: "wasm", spans: {} },
});
const unable = () => Promise.reject(OUT_OF_MEMORY);
const SERVER = { release: "r", variant: "fp32", engine: "cloud", threads: 1, provider: "cpu" };
const HERE = { release: "r", variant: "fp32", engine: "graph", threads: 2, provider: "wasm" };

test("where the device opens, the server is not even looked for", async (context) => {
  const { opened, asked } = await opening(context, { device: able });
  assert.deepEqual([(await opened).about, asked], [HERE, []]);
});

test("where it does not, the server stands in, and what the device holds is freed", async (context) => {
  const { opened, asked, dismissed } = await opening(context, { device: unable });
  assert.deepEqual((await opened).about, SERVER);
  assert.deepEqual([asked, dismissed], [["GET /api/pipelines/tides"], [OUT_OF_MEMORY]]);
});

test("without consent the device's error is told, and nobody is asked", async (context) => {
  const { opened, asked } = await opening(context, { device: unable, consented: () => false });
  await assert.rejects(opened, OUT_OF_MEMORY);
  assert.deepEqual(asked, []);
});

test("where the server is away, or there is none, the device's error is told with that", async (context) => {
  for (const status of [404, 503, null]) {
    const { opened } = await opening(context, { device: unable, status });
    await assert.rejects(opened, { kind: "model", message: /^out of memory; nor did this site's server answer/ });
  }
});

test("an opening that was cancelled asks nobody", async (context) => {
  const cancelled = new ForeshoreError("cancelled", "cancelled");
  const { opened, asked } = await opening(context, { device: () => Promise.reject(cancelled) });
  await assert.rejects(opened, cancelled);
  assert.deepEqual(asked, []);
});

test("the cloud does not wait for a device that can't, nor long for one that is slow", async (context) => {
  for (const device of [unable, () => NEVER]) {
    const { opened } = await opening(context, { device, cloudFirst: true });
    assert.deepEqual((await opened).about, SERVER);
  }
});

test("the cloud waits for a device that is about to be there, to stand by", async (context) => {
  const { opened } = await opening(context, { device: able, cloudFirst: true });
  assert.deepEqual((await opened).about, HERE);
});

test("while the server is away, the device is what there is", async (context) => {
  const { opened } = await opening(context, { device: able, cloudFirst: true, status: null });
  assert.deepEqual((await opened).about, HERE);
  const neither = await opening(context, { device: unable, cloudFirst: true, status: null });
  await assert.rejects(neither.opened, OUT_OF_MEMORY);
});

test("a site without such a server is refused where that was to answer first", async (context) => {
  const { opened } = await opening(context, { device: able, cloudFirst: true, status: 404 });
  await assert.rejects(opened, { kind: "unsupported" });
});
