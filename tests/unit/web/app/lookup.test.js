import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../shared/site.js";
import { opened } from "./harbour.js";

const ABOUT = { release: "r", variant: "fp32", threads: 1 };
const AHEAD = { precomputed: true, as_of: "2013-10-05T05:00:00Z", age_s: 3600 };
const NOW = { precomputed: false, as_of: "2013-10-05T06:00:00Z", age_s: 0 };
const PATIENCE = { limit_ms: 60_000, pause_ms: 60_000 };
/** For a server that never answers: long enough for it to be asked. */
const SHORT = { ...PATIENCE, limit_ms: 500 };

/**
 * A predictor beside a server of the test's.
 *
 * @param {import("node:test").TestContext} context
 * @param {(body: any, response: import("node:http").ServerResponse) => void} answer
 * @param {object} [setting]
 * @param {() => boolean} [setting.consented]
 * @param {typeof PATIENCE} [setting.patience]
 */
async function beside(context, answer, { consented = () => true, patience = PATIENCE } = {}) {
  /** @type {string[]} */
  const asked = [];
  const base = await serve(context, async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    asked.push(`${request.url} ${body}`);
    answer(JSON.parse(body), response);
  });
  return { asked, ...opened(context, { site: { base, consented, patience } }) };
}

/** @param {any} told */
function telling(told) {
  return (/** @type {any} */ _body, /** @type {import("node:http").ServerResponse} */ response) =>
    void response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ ...ABOUT, ...told }));
}

test("an answer computed ahead is found, with its age", async (context) => {
  const { predictor, asked } = await beside(context, telling({ answer: { height: 7 }, ...AHEAD }));
  const { latency_ms, ...told } = await predictor.lookup({ quay: 1 }, { max_age_s: 7200 });
  assert.deepEqual(told, { height: 7, ...ABOUT, engine: "cloud", provider: "cpu", ...AHEAD });
  assert.ok(latency_ms > 0);
  assert.deepEqual(asked, ['/api/pipelines/tides/lookup?variant=fp32&max_age_s=7200 {"quay":1}']);
});

test("an answer of the moment is told as such", async (context) => {
  const { predictor } = await beside(context, telling({ answer: { height: 7 }, ...NOW }));
  const { engine, precomputed, as_of, age_s } = await predictor.lookup({ quay: 1 });
  assert.deepEqual({ engine, precomputed, as_of, age_s }, { engine: "cloud", ...NOW });
});

test("without consent nothing is looked up, and a record that does not fit is not sent", async (context) => {
  let agreed = false;
  const { predictor, asked } = await beside(context, telling({}), { consented: () => agreed });
  await assert.rejects(predictor.lookup({ quay: 1 }), { kind: "validation", field: "consent" });
  await assert.rejects(opened(context).predictor.lookup({ quay: 1 }), { kind: "validation", field: "consent" });
  agreed = true;
  await assert.rejects(predictor.lookup({ quay: "east" }), { kind: "validation", field: "quay" });
  for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY, /** @type {any} */ ("9")])
    await assert.rejects(predictor.lookup({ quay: 1 }, { max_age_s: wrong }), { field: "max_age_s" });
  assert.deepEqual(asked, []);
});

/** @type {Record<string, (body: any, response: import("node:http").ServerResponse) => void>} */
const FAILURES = {
  "is silent": () => {},
  "does not offer it": (_, response) => void response.writeHead(404).end(),
  "is broken": (_, response) => void response.writeHead(500).end(),
  "serves another release": telling({ answer: { height: 7 }, ...AHEAD, release: "s" }),
  "tells no answer": telling({ ...AHEAD }),
};

for (const [what, answer] of Object.entries(FAILURES)) {
  test(`where the server ${what}, the device answers within one timeout, and says so`, async (context) => {
    const { predictor } = await beside(context, answer, { patience: what === "is silent" ? SHORT : PATIENCE });
    const { engine, provider, height, precomputed, as_of, age_s } = await predictor.lookup({ quay: 1, ships: 3 });
    assert.deepEqual({ engine, provider, height }, { engine: "graph", provider: "wasm", height: 3 });
    assert.deepEqual([precomputed, age_s], [false, 0]);
    assert.ok(Math.abs(Date.parse(as_of) - Date.now()) < 60_000);
  });
}

test("a server that failed rests, so that the next look-up does not wait for it", async (context) => {
  const { predictor, asked } = await beside(context, FAILURES["is broken"]);
  for (const _ of [1, 2]) assert.equal((await predictor.lookup({ quay: 1 })).precomputed, false);
  assert.equal(asked.length, 1);
});

test("the record that is sent carries what the windows know, and events that come later change no answer", async (context) => {
  const { predictor, asked } = await beside(context, FAILURES["is broken"]);
  await predictor.observe([["ships", { id: 1 }]]);
  const [{ height }] = await Promise.all([predictor.lookup({ quay: 1 }), predictor.observe([["ships", { id: 2 }]])]);
  assert.equal(height, 1);
  assert.match(asked[0], /"ships":1/);
});

test("an abort is told as such, and nobody is asked in the server's place", async (context) => {
  const { predictor } = await beside(context, FAILURES["is silent"]);
  const controller = new AbortController();
  const asked = predictor.lookup({ quay: 1 }, { signal: controller.signal });
  controller.abort();
  await assert.rejects(asked, { kind: "cancelled" });
});

test("tables that don't come are left to the server, also where Python filled in what the windows know", async (context) => {
  /** @type {any[]} */
  const sent = [];
  const base = await serve(context, async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    if (request.method === "GET") return void response.writeHead(404).end();
    const records = JSON.parse(body);
    sent.push(...records);
    const answers = records.map(() => ({ height: 7 }));
    response.end(JSON.stringify({ ...ABOUT, provider: "cpu", answers }));
  });
  const history = { "index.json": { url: `${base}history/index.json`, sha256: "00", size_bytes: 1 } };
  const { predictor } = opened(context, { history, site: { base, consented: () => true, patience: PATIENCE } });
  await predictor.observe([["ships", { id: 1 }]]);

  const { height, engine, device_error } = await predictor.predict({ quay: 1 });

  assert.deepEqual({ height, engine, kind: device_error?.kind }, { height: 7, engine: "cloud", kind: "artefact" });
  assert.deepEqual(sent, [{ quay: 1, ships: 1 }]);
  assert.equal(
    (await predictor.predict({ quay: 1, draught: null })).engine,
    "graph",
    "carried, null included: no table is needed",
  );
});
