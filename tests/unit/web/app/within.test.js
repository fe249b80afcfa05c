import assert from "node:assert/strict";
import { test } from "node:test";
import { within } from "../../../../web/app/runtime/within.js";

const NEVER_MS = 60_000;

/** @param {AbortSignal} signal */
function endless(signal) {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

test("work that is done in time gives what it gives, and listens to nobody afterwards", async () => {
  const life = new AbortController();
  /** @type {AbortSignal | null} */
  let seen = null;
  const found = await within(NEVER_MS, [life.signal], async (signal) => {
    seen = signal;
    return 3;
  });
  life.abort(new Error("over"));
  assert.equal(found, 3);
  assert.equal(/** @type {AbortSignal | null} */ (seen)?.aborted, false);
});

test("work that takes too long is given up", async () => {
  await assert.rejects(within(1, [], endless), { name: "TimeoutError", message: "there was no answer within 1 ms" });
});

test("work is given up for whichever signal comes first, with its reason", async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const work = within(NEVER_MS, [one.signal, other.signal], endless);
  other.abort(new Error("enough"));
  await assert.rejects(work, { message: "enough" });
  await assert.rejects(within(NEVER_MS, [other.signal], endless), { message: "enough" });
});

test("neither AbortSignal.any nor AbortSignal.timeout is needed", async () => {
  const { any, timeout } = AbortSignal;
  Object.assign(AbortSignal, { any: undefined, timeout: undefined });
  try {
    assert.equal(await within(NEVER_MS, [], async () => 1), 1);
  } finally {
    Object.assign(AbortSignal, { any, timeout });
  }
});
