import assert from "node:assert/strict";
import { test } from "node:test";
import { CloudEngine, checkCloud, cloudPlan } from "../../../../web/app/runtime/cloud.js";
import { serve } from "../shared/site.js";
import { PIPELINE } from "./harbour.js";

/** @typedef {import("node:http").IncomingMessage} Request */
/** @typedef {import("node:http").ServerResponse} Response */

const RECORDS = [{ quay: 1 }, { quay: 2 }];
const BY = { engine: "cloud", threads: 1, provider: "cpu" };
const RELEASE = /** @type {any} */ ({ id: "r", pipelines: { tides: PIPELINE } });

/** @param {string} base */
function planFor(base) {
  return cloudPlan(base, RELEASE, "tides", "fp32", true);
}

/** The device, which counts how often it was asked. */
function device() {
  const engine = {
    asked: 0,
    async answers(/** @type {readonly unknown[]} */ records) {
      engine.asked += 1;
      return { outputs: records.map(() => ({ height: -1 })), spans: {} };
    },
  };
  return engine;
}

/**
 * An engine before a server of the test's.
 *
 * @param {import("node:test").TestContext} context
 * @param {(request: Request, response: Response, body: string) => void} answer
 * @param {{limit_ms: number, pause_ms: number}} [patience]
 */
async function opened(context, answer, patience) {
  /** @type {string[]} */
  const asked = [];
  const base = await serve(context, async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    asked.push(`${request.method} ${request.url} ${body}`);
    answer(request, response, body);
  });
  const own = device();
  return { engine: new CloudEngine(planFor(base), own, globalThis, patience), own, asked, base };
}

/**
 * @param {Response} response
 * @param {object} told
 * @param {number} [status]
 */
function reply(response, told, status = 200) {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(told));
}

/** @param {string} body */
function answersTo(body) {
  const answers = JSON.parse(body).map((/** @type {any} */ { quay }) => ({ height: quay * 10 }));
  return { answers, release: "r", variant: "fp32", ...BY };
}

test("without consent nothing is sent to anybody", () => {
  for (const consent of [undefined, false, "yes", 1]) {
    const refused = () => cloudPlan("http://127.0.0.1:1/", RELEASE, "tides", "fp32", consent);
    assert.throws(refused, { kind: "validation", field: "consent" });
  }
});

test("the server answers, and is said to have", async (context) => {
  const { engine, own, asked } = await opened(context, (_, response, body) => reply(response, answersTo(body)));
  const { outputs, by } = await engine.answers(RECORDS, 0);
  assert.deepEqual(outputs, [{ height: 10 }, { height: 20 }]);
  assert.deepEqual(by, BY);
  assert.equal(own.asked, 0);
  assert.deepEqual(asked, [`POST /api/pipelines/tides/predict?variant=fp32 ${JSON.stringify(RECORDS)}`]);
});

test("what does not fit is refused with its row, and not sent", async (context) => {
  const { engine, own, asked } = await opened(context, (_, response, body) => reply(response, answersTo(body)));
  await assert.rejects(engine.answers([{ quay: 1 }, { quay: "east" }], 40), {
    kind: "validation",
    row: 41,
    field: "quay",
  });
  assert.deepEqual([own.asked, asked], [0, []]);
});

/** @type {Record<string, (response: Response, body: string) => void>} */
const FAILURES = {
  "is busy": (response) => reply(response, { kind: "network" }, 429),
  "is broken": (response) => reply(response, {}, 500),
  "hangs up": (response) => response.destroy(),
  "is silent": () => {},
  "stops in the middle": (response) => response.writeHead(200, { "Content-Length": "1000" }).write("{"),
  "tells no JSON": (response) => response.end("<html>"),
  "serves another release": (response, body) => reply(response, { ...answersTo(body), release: "s" }),
  "tells too few answers": (response, body) => reply(response, { ...answersTo(body), answers: [] }),
};

for (const [what, fail] of Object.entries(FAILURES)) {
  test(`where the server ${what}, the device answers, and goes on for a while`, async (context) => {
    const patience = { limit_ms: 200, pause_ms: 60_000 };
    const { engine, own, asked } = await opened(context, (_, response, body) => fail(response, body), patience);
    const { outputs, by } = await engine.answers(RECORDS, 0);
    assert.deepEqual(outputs, [{ height: -1 }, { height: -1 }]);
    assert.equal(by, undefined);
    await engine.answers(RECORDS, 0);
    assert.deepEqual([own.asked, asked.length], [2, 1]);
  });
}

test("a server that is back is asked again", async (context) => {
  let broken = true;
  const answer = (/** @type {Request} */ _, /** @type {Response} */ response, /** @type {string} */ body) =>
    broken ? response.destroy() : reply(response, answersTo(body));
  const { engine, own } = await opened(context, answer, { limit_ms: 5000, pause_ms: 0 });
  await engine.answers(RECORDS, 0);
  broken = false;
  assert.deepEqual((await engine.answers(RECORDS, 0)).by, BY);
  assert.equal(own.asked, 1);
});

test("an abort is no failure of the server", async (context) => {
  const { engine, own } = await opened(context, () => {});
  const controller = new AbortController();
  const asked = engine.answers(RECORDS, 0, controller.signal);
  controller.abort();
  await assert.rejects(asked, { kind: "cancelled" });
  assert.equal(own.asked, 0);
});

test("a site that has no such server is refused when it is opened, one that is away is not", async (context) => {
  for (const [status, kind] of [
    [200, null],
    [503, null],
    [404, "unsupported"],
    [401, "unsupported"],
  ]) {
    const base = await serve(context, (_, response) => reply(response, {}, Number(status)));
    const checked = checkCloud(planFor(base), globalThis);
    await (kind ? assert.rejects(checked, { kind }) : checked);
  }
  await checkCloud(planFor("http://127.0.0.1:1/"), globalThis);
});
