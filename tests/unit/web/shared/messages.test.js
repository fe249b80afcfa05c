import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Calls } from "../../../../web/shared/calls.js";
import { Breakdown, ForeshoreError } from "../../../../web/shared/errors.js";
import { Service } from "../../../../web/shared/service.js";

/** @typedef {import("../../../../web/shared/protocol.js").Predict} Predict */

/**
 * A caller and a service with a real message channel between them.
 *
 * @param {import("node:test").TestContext} context
 * @param {(request: any, port: import("../../../../web/shared/service.js").Port) => Promise<any>} handle
 * @param {ConstructorParameters<typeof Calls>[1]} [listeners]
 */
function connected(context, handle, listeners) {
  return joined(context, new Service(handle), listeners).calls;
}

/**
 * @param {import("node:test").TestContext} context
 * @param {Service<any>} service
 * @param {ConstructorParameters<typeof Calls>[1]} [listeners]
 */
function joined(context, service, listeners) {
  const { port1, port2 } = new MessageChannel();
  context.after(() => port1.close());
  const calls = new Calls(/** @type {any} */ (port1), listeners);
  const listen = service.listener(/** @type {any} */ (port2));
  let arrived = 0;
  port1.onmessage = ({ data }) => calls.receive(data);
  port2.onmessage = ({ data }) => {
    arrived += 1;
    listen(data);
  };
  /** Waits until so many messages have come to the service. */
  const arrivals = async (/** @type {number} */ count) => {
    while (arrived < count) await turn();
  };
  return { calls, arrivals };
}

/**
 * @param {string} records
 * @returns {Predict}
 */
function predict(records) {
  return { type: "predict", records, images: [], first_row: 0 };
}

const echo = async (/** @type {Predict} */ request) => ({ value: { answers: request.records } });

/** A promise and the means to settle it. */
function gate() {
  /** @type {() => void} */
  let open = () => {};
  const opened = new Promise((resolve) => (open = () => resolve(undefined)));
  return { open, opened };
}

test("answers find their requests", async (context) => {
  const calls = connected(context, echo);
  const answers = await Promise.all(["a", "b", "c"].map((text) => calls.call(predict(text))));
  assert.deepEqual(
    answers.map(({ answers }) => answers),
    ["a", "b", "c"],
  );
});

test("an error travels with kind, field, row and problems, and later requests are answered", async (context) => {
  const problems = [{ row: 2, field: "gate", got: "27", expected: "less", message: "gate: got 27" }];
  const calls = connected(context, async (request) => {
    if (request.records === "bad")
      throw new ForeshoreError("validation", "gate: got 27", { field: "gate", row: 2, problems });
    return echo(request);
  });
  const [bad, good] = await Promise.allSettled([calls.call(predict("bad")), calls.call(predict("good"))]);
  assert.ok(bad.status === "rejected" && bad.reason instanceof ForeshoreError);
  assert.deepEqual(bad.reason.toJSON(), {
    kind: "validation",
    message: "gate: got 27",
    field: "gate",
    row: 2,
    problems,
  });
  assert.deepEqual(good, { status: "fulfilled", value: { answers: "good" } });
});

test("whatever a handler throws is answered", async (context) => {
  const calls = connected(context, () => {
    throw new TypeError("no such thing");
  });
  await assert.rejects(calls.call(predict("")), { kind: "internal", message: "TypeError: no such thing" });
});

test("an answer that cannot be sent is answered with an error", async (context) => {
  const calls = connected(context, async () => ({ value: { answers: () => 1 } }));
  await assert.rejects(calls.call(predict("")), { kind: "internal", message: /could not be cloned/ });
});

test("a request that cannot be sent is rejected and forgotten", async (context) => {
  const calls = connected(context, echo);
  await assert.rejects(calls.call(/** @type {any} */ ({ ...predict(""), odd: () => 1 })), /could not be cloned/);
  assert.deepEqual(await calls.call(predict("fine")), { answers: "fine" });
});

test("an abort rejects at once, and what has not begun is dropped", async (context) => {
  const { open, opened } = gate();
  /** @type {string[]} */
  const begun = [];
  const service = new Service(async (/** @type {any} */ request) => {
    begun.push(request.records);
    await opened;
    return echo(request);
  });
  const { calls, arrivals } = joined(context, service);
  const stop = new AbortController();
  const first = calls.call(predict("first"));
  const second = calls.call(predict("second"), { signal: stop.signal });
  const third = calls.call(predict("third"));
  stop.abort();
  await assert.rejects(second, { kind: "cancelled" });
  await arrivals(4);
  open();
  assert.deepEqual(await Promise.all([first, third]), [{ answers: "first" }, { answers: "third" }]);
  assert.deepEqual(begun, ["first", "third"]);
});

test("an abort after the answer changes nothing, and is not sent", async () => {
  /** @type {string[]} */
  const sent = [];
  const port = { postMessage: (/** @type {any} */ message) => sent.push(message.type) };
  const calls = new Calls(port);
  const stop = new AbortController();
  const answered = calls.call(predict("a"), { signal: stop.signal });
  calls.receive({ type: "answer", id: 1, value: { answers: "a" } });
  assert.deepEqual(await answered, { answers: "a" });
  stop.abort();
  assert.deepEqual(sent, ["predict"]);
});

test("nothing is sent under a signal that is aborted already", async (context) => {
  let asked = 0;
  const calls = connected(context, async (request) => {
    asked += 1;
    return echo(request);
  });
  await assert.rejects(calls.call(predict("a"), { signal: AbortSignal.abort() }), { kind: "cancelled" });
  await calls.call(predict("b"));
  assert.equal(asked, 1);
});

test("a failed worker rejects all that waits and all that comes, and is told once", async (context) => {
  /** @type {ForeshoreError[]} */
  const told = [];
  const calls = connected(context, () => new Promise(() => {}), { onFailure: (error) => told.push(error) });
  const waiting = [calls.call(predict("a")), calls.call(predict("b"))];
  const error = new ForeshoreError("internal", "the worker crashed");
  calls.receive({ type: "failed", error: error.toJSON() });
  calls.fail(new ForeshoreError("closed", "too late"));
  for (const each of [...waiting, calls.call(predict("c"))]) {
    await assert.rejects(each, { kind: "internal", message: "the worker crashed" });
  }
  assert.equal(told.length, 1);
});

test("a breakdown answers everything: the request that met it, those behind it, and later ones", async (context) => {
  /** @type {ForeshoreError[]} */
  const told = [];
  const handle = () => {
    throw new Breakdown("Python", new Error("unreachable"));
  };
  const calls = connected(context, handle, { onFailure: (error) => told.push(error) });
  const waiting = [calls.call(predict("a")), calls.call(predict("b"))];
  for (const each of waiting)
    await assert.rejects(each, { kind: "internal", message: /Python broke down .*open the pipeline again/ });
  await assert.rejects(calls.call(predict("c")), /broke down/);
  assert.equal(told.length, 1);
});

test("progress reaches the page while a request is at work", async (context) => {
  /** @type {number[]} */
  const loaded = [];
  const calls = connected(
    context,
    async (request, port) => {
      port.postMessage({ type: "progress", part: "model", loaded_bytes: 5, total_bytes: 9, done: false }, []);
      return echo(request);
    },
    { onProgress: (notice) => loaded.push(notice.loaded_bytes) },
  );
  await calls.call(predict("a"));
  assert.deepEqual(loaded, [5]);
});

test("two ports of one service share its queue", async (context) => {
  const { open, opened } = gate();
  /** @type {string[]} */
  const begun = [];
  const service = new Service(async (/** @type {any} */ request) => {
    begun.push(request.records);
    await opened;
    return echo(request);
  });
  const callers = [joined(context, service), joined(context, service)];
  const answers = callers.map(({ calls }, index) => calls.call(predict(`caller ${index}`)));
  await Promise.all(callers.map(({ arrivals }) => arrivals(1)));
  assert.equal(begun.length, 1);
  open();
  assert.deepEqual(await Promise.all(answers), [{ answers: "caller 0" }, { answers: "caller 1" }]);
});
