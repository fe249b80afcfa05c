import assert from "node:assert/strict";
import { test } from "node:test";
import { delayScale, position } from "../../../../web/app/scale.js";

test("an ordinary delay keeps the ordinary scale, so that flights compare at a glance", () => {
  const scale = delayScale([14, -5]);
  assert.deepEqual(scale, { low: -30, high: 60, ticks: [-30, -15, 0, 15, 30, 45, 60] });
});

test("the scale grows to hold any value and keeps zero among few ticks", () => {
  for (const value of [-85, -31, 61, 200, 900, 1600]) {
    const scale = delayScale([value]);
    assert.ok(scale.low <= value && value <= scale.high, `${value} lies on the scale`);
    assert.ok(scale.ticks.includes(0), `${value} keeps zero`);
    assert.ok(scale.ticks.length <= 7, `${value} has few ticks`);
  }
});

test("positions run from 0 to 1 and never leave the scale", () => {
  const scale = delayScale([]);
  assert.equal(position(scale, -30), 0);
  assert.equal(position(scale, 60), 1);
  assert.equal(position(scale, 0), 1 / 3);
  assert.equal(position(scale, 999), 1);
});
