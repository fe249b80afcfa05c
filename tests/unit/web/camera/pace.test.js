import assert from "node:assert/strict";
import { test } from "node:test";
import { createPace } from "../../../../web/app/camera/pace.js";

test("a steady ten a second is ten a second, from the first second on", () => {
  const pace = createPace();
  for (let at_ms = 1100; at_ms <= 9000; at_ms += 100) {
    const { fps, p50_ms } = pace.add(at_ms, 100);
    assert.ok(Math.abs(fps - 10) < 1e-9, `${fps} at ${at_ms}`);
    assert.equal(p50_ms, 100);
  }
});

test("what is older than two seconds no longer counts", () => {
  const pace = createPace();
  for (let at_ms = 0; at_ms <= 2000; at_ms += 500) pace.add(at_ms, 500);
  assert.deepEqual(pace.add(4000, 20), { fps: 0.5, p50_ms: 20 });
});

test("the median of an even number is between the two in the middle", () => {
  const pace = createPace();
  pace.add(100, 10);
  pace.add(110, 40);
  pace.add(120, 20);
  assert.equal(pace.add(130, 30).p50_ms, 25);
});

test("after a pause the pace begins anew", () => {
  const pace = createPace();
  pace.add(100, 100);
  pace.restart();
  assert.deepEqual(pace.add(60_100, 100), { fps: 10, p50_ms: 100 });
});
