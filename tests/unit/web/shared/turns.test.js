import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { abortable } from "../../../../web/shared/abort.js";
import { Turns } from "../../../../web/shared/turns.js";

/** @param {string[]} log */
function logged(log) {
  return async (/** @type {string} */ name, /** @type {number} */ delay_ms) => {
    await wait(delay_ms);
    log.push(name);
    return name;
  };
}

test("each call sends after the one before has sent, however long that took", async () => {
  const turns = new Turns();
  /** @type {string[]} */
  const sent = [];
  const send = logged(sent);
  const calls = [20, 0, 5].map((delay_ms, place) =>
    turns.take(async () => {
      await send(`call ${place}`, delay_ms);
      return { answer: Promise.resolve(place) };
    }),
  );
  assert.deepEqual(await Promise.all(calls), [0, 1, 2]);
  assert.deepEqual(sent, ["call 0", "call 1", "call 2"]);
});

test("sending does not wait for answers, and answers come in order", async () => {
  const turns = new Turns();
  /** @type {string[]} */
  const log = [];
  const say = logged(log);
  const slow = turns.take(async () => ({ answer: say("slow is ready", 20) }));
  const fast = turns.take(async () => ({ answer: say("fast is ready", 0) }));
  slow.then(() => log.push("slow"));
  await fast.then(() => log.push("fast"));
  assert.deepEqual(log, ["fast is ready", "slow is ready", "slow", "fast"]);
});

test("an error is told at once, and holds nobody up", async () => {
  const turns = new Turns();
  /** @type {(value: string) => void} */
  let settle = () => {};
  const held = new Promise((resolve) => (settle = resolve));
  const first = turns.take(async () => ({ answer: held }));
  const failed = turns.take(() => Promise.reject(new Error("not sent")));
  const refused = turns.take(async () => ({ answer: Promise.reject(new Error("refused")) }));
  const last = turns.take(async () => ({ answer: Promise.resolve("last") }));
  await assert.rejects(failed, /not sent/);
  await assert.rejects(refused, /refused/);
  settle("first");
  assert.deepEqual(await Promise.all([first, last]), ["first", "last"]);
});

test("an aborted signal lets go of a promise at once, before or after", async () => {
  const stop = new AbortController();
  const waiting = abortable(new Promise(() => {}), stop.signal);
  stop.abort();
  await assert.rejects(waiting, { kind: "cancelled" });
  await assert.rejects(abortable(new Promise(() => {}), stop.signal), { kind: "cancelled" });
});

test("without an abort a promise is what it was", async () => {
  const { signal } = new AbortController();
  assert.equal(await abortable(Promise.resolve(5), signal), 5);
  assert.equal(await abortable(Promise.resolve(6)), 6);
  await assert.rejects(abortable(Promise.reject(new Error("own")), signal), /own/);
});
