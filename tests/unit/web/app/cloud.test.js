import assert from "node:assert/strict";
import { test } from "node:test";
import { agreement, Cloud, checkCloud, cloudPlan } from "../../../../web/app/runtime/cloud.js";
import { CloudFirst, DeviceFirst } from "../../../../web/app/runtime/policy.js";
import { ForeshoreError } from "../../../../web/shared/errors.js";
import { serve } from "../shared/site.js";
import { PIPELINE } from "./harbour.js";

/** @typedef {import("node:http").IncomingMessage} Request */
/** @typedef {import("node:http").ServerResponse} Response */

const RECORDS = [{ quay: 1 }, { quay: 2 }];
const BY = { engine: "cloud", threads: 1, provider: "cpu" };
const UNABLE = new ForeshoreError("model", "out of memory");
const RELEASE = /** @type {any} */ ({ id: "r", pipelines: { tides: PIPELINE } });

/**
 * @param {string} base
 * @param {() => boolean} [consented]
 */
function planFor(base, consented = () => true) {
  return cloudPlan(base, RELEASE, "tides", "fp32", consented);
}

/**
 * The device, which counts how often it was asked, and fails where it is to.
 *
 * @param {ForeshoreError | null} [failure]
 */
function device(failure = null) {
  const engine = {
    asked: 0,
    async answers(/** @type {readonly unknown[]} */ records) {
      engine.asked += 1;
      if (failure) throw failure;
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
 * @param {object} [setting]
 * @param {{limit_ms: number, pause_ms: number}} [setting.patience]
 * @param {typeof CloudFirst | typeof DeviceFirst} [setting.Policy]
 * @param {ForeshoreError | null} [setting.failure] Of the device.
 * @param {() => boolean} [setting.consented]
 */
async function opened(context, answer, { patience, Policy = CloudFirst, failure = null, consented } = {}) {
  /** @type {string[]} */
  const asked = [];
  const base = await serve(context, async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    asked.push(`${request.method} ${request.url} ${body}`);
    answer(request, response, body);
  });
  const own = device(failure);
  const life = new AbortController();
  const cloud = new Cloud(planFor(base, consented), globalThis, life.signal, patience);
  return { engine: new Policy(own, cloud), cloud, own, asked, base, life };
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

test("consent is true, or what a function says when it is asked, and nothing else", () => {
  let agreed = false;
  assert.deepEqual([agreement(undefined), agreement(false)], [null, null]);
  const asked = agreement(() => agreed);
  assert.deepEqual([agreement(true)?.(), asked?.()], [true, false]);
  agreed = true;
  assert.equal(asked?.(), true);
  for (const wrong of ["yes", 1, null, {}])
    assert.throws(() => agreement(wrong), { kind: "validation", field: "consent" });
});

for (const Policy of [CloudFirst, DeviceFirst]) {
  test(`${Policy.name}: without consent nothing is sent to anybody`, async (context) => {
    const answer = (/** @type {Request} */ _, /** @type {Response} */ response) => reply(response, {});
    const setting = { Policy, consented: () => false };
    const able = await opened(context, answer, setting);
    assert.equal((await able.engine.answers(RECORDS, 0)).by, undefined);
    const unable = await opened(context, answer, { ...setting, failure: UNABLE });
    await assert.rejects(unable.engine.answers(RECORDS, 0), UNABLE);
    await assert.rejects(unable.cloud.predict(RECORDS), /does not agree/);
    assert.deepEqual([able.asked, unable.asked, unable.own.asked], [[], [], 1]);
  });
}

test("the device answers, and the server is not asked", async (context) => {
  const { engine, own, asked } = await opened(context, () => {}, { Policy: DeviceFirst });
  assert.deepEqual((await engine.answers(RECORDS, 0)).outputs, [{ height: -1 }, { height: -1 }]);
  assert.deepEqual([own.asked, asked], [1, []]);
});

for (const kind of /** @type {const} */ (["unsupported", "network", "artefact", "model", "internal"])) {
  test(`where the device can't (${kind}), the server answers, and it is said why`, async (context) => {
    const failure = new ForeshoreError(kind, "out of order");
    const setting = { Policy: DeviceFirst, failure };
    const { engine } = await opened(context, (_, response, body) => reply(response, answersTo(body)), setting);
    const { outputs, by } = await engine.answers(RECORDS, 0);
    assert.deepEqual(outputs, [{ height: 10 }, { height: 20 }]);
    assert.deepEqual(by, { ...BY, device_error: { kind, message: "out of order" } });
  });
}

for (const kind of /** @type {const} */ (["validation", "contract", "cancelled", "closed"])) {
  test(`what no server could mend (${kind}) is not sent to one`, async (context) => {
    const failure = new ForeshoreError(kind, "no");
    const { engine, asked } = await opened(context, () => {}, { Policy: DeviceFirst, failure });
    await assert.rejects(engine.answers(RECORDS, 0), failure);
    assert.deepEqual(asked, []);
  });
}

test("records that lack what the device would need go to the server, whoever is first", async (context) => {
  const table = new ForeshoreError("network", "no table");
  for (const Policy of [CloudFirst, DeviceFirst]) {
    const setting = { Policy, failure: table };
    const { engine } = await opened(context, (_, response, body) => reply(response, answersTo(body)), setting);
    assert.equal((await engine.answers(RECORDS, 0, undefined, table)).by?.engine, "cloud");
  }
});

test("where neither answers, the device's error is told, and the server's reason", async (context) => {
  for (const Policy of [CloudFirst, DeviceFirst]) {
    const { engine, own } = await opened(context, (_, response) => reply(response, {}, 503), {
      Policy,
      failure: UNABLE,
    });
    for (const _ of [1, 2])
      await assert.rejects(engine.answers(RECORDS, 0), { kind: "model", message: /^out of memory; nor did .*503/ });
    assert.equal(own.asked, 2);
  }
});

test("a device that can't is no reason to leave a server alone that failed", async (context) => {
  let broken = true;
  const answer = (/** @type {Request} */ _, /** @type {Response} */ response, /** @type {string} */ body) =>
    broken ? reply(response, {}, 503) : reply(response, answersTo(body));
  const { engine, cloud } = await opened(context, answer, { failure: UNABLE });
  await assert.rejects(engine.answers(RECORDS, 0), { kind: "model" });
  broken = false;
  assert.equal(cloud.rests, true);
  assert.equal((await engine.answers(RECORDS, 0)).by?.engine, "cloud");
});

test("the end of the predictor ends what waits for the server", async (context) => {
  const { cloud, life } = await opened(context, () => {});
  const asked = cloud.predict(RECORDS);
  life.abort(new ForeshoreError("closed", "closed"));
  await assert.rejects(asked, { kind: "closed" });
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

const SILENT = new Set(["is silent", "stops in the middle"]);

for (const [what, fail] of Object.entries(FAILURES)) {
  test(`where the server ${what}, the device answers, and goes on for a while`, async (context) => {
    const patience = { limit_ms: SILENT.has(what) ? 500 : 60_000, pause_ms: 60_000 };
    const { engine, own, asked } = await opened(context, (_, response, body) => fail(response, body), { patience });
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
  const { engine, own } = await opened(context, answer, { patience: { limit_ms: 5000, pause_ms: 0 } });
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
    if (kind) await assert.rejects(checked, { kind });
    else assert.equal(await checked, status === 200);
  }
  assert.equal(await checkCloud(planFor("http://127.0.0.1:1/"), globalThis), false);
});
