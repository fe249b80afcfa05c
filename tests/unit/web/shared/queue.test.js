import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Queue } from "../../../../web/shared/queue.js";

test("tasks run one after another, in their order", async () => {
  const queue = new Queue();
  /** @type {string[]} */
  const log = [];
  const task = (/** @type {string} */ name, /** @type {number} */ delay_ms) => async () => {
    log.push(`${name} begins`);
    await pause(delay_ms);
    log.push(`${name} ends`);
    return name;
  };
  const results = await Promise.all([queue.add(task("first", 20)), queue.add(task("second", 1))]);
  assert.deepEqual(results, ["first", "second"]);
  assert.deepEqual(log, ["first begins", "first ends", "second begins", "second ends"]);
});

test("a rejected task does not poison the queue", async () => {
  const queue = new Queue();
  const bad = queue.add(() => Promise.reject(new Error("bad record")));
  const good = queue.add(async () => "fine");
  await assert.rejects(bad, /bad record/);
  assert.equal(await good, "fine");
});

test("a task that throws at once does not poison the queue either", async () => {
  const queue = new Queue();
  const bad = queue.add(() => {
    throw new Error("thrown");
  });
  await assert.rejects(bad, /thrown/);
  assert.equal(await queue.add(async () => "fine"), "fine");
});
