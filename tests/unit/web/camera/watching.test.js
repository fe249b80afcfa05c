import assert from "node:assert/strict";
import { test } from "node:test";
import { watchCamera } from "../../../../web/app/camera/watching.js";

/** A camera whose frames the test lets come, and a predictor that answers when the test says so. */
function scene() {
  /** @type {(() => void)[]} */
  const waiting = [];
  /** @type {{ record: any, resolve: (answer: any) => void, reject: (reason: unknown) => void }[]} */
  const asked = [];
  let frames = 0;
  const camera = {
    nextFrame: () => new Promise((resolve) => waiting.push(() => resolve(undefined))),
    grab: () => ({ width: 1, height: 1, data: new Uint8ClampedArray([frames, 0, 0, 255]) }),
  };
  const source = {
    predict: (/** @type {any} */ record) => new Promise((resolve, reject) => asked.push({ record, resolve, reject })),
  };
  const frame = async () => {
    frames += 1;
    for (const resolve of waiting.splice(0)) resolve();
    await settled();
  };
  return { camera, source, asked, frame };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

/** @param {ReturnType<typeof scene>} parts @param {() => any} [predictor] */
function watched({ camera, source }, predictor = () => source) {
  /** @type {any[]} */
  const seen = [];
  /** @type {unknown[]} */
  const failures = [];
  let now_ms = 0;
  const watch = watchCamera(/** @type {any} */ (camera), {
    predictor,
    now_ms: () => {
      now_ms += 50;
      return now_ms;
    },
    onSeen: ({ answer }, pace) => seen.push({ answer, pace }),
    onFailure: (failure) => failures.push(failure),
  });
  return { watch, seen, failures };
}

test("frames that come while the model thinks are never queued", async () => {
  const parts = scene();
  const { seen } = watched(parts);
  for (let count = 0; count < 5; count += 1) await parts.frame();
  assert.equal(parts.asked.length, 1);
  parts.asked[0]?.resolve({ latency_ms: 40 });
  await settled();
  await parts.frame();
  assert.equal(parts.asked.length, 2);
  assert.equal(parts.asked[1]?.record.photo.data[0], 6);
  assert.deepEqual(
    seen.map(({ pace }) => pace.p50_ms),
    [40],
  );
});

test("a stopped watch asks nothing more, and an answer still to come is not shown", async () => {
  const parts = scene();
  const { watch, seen, failures } = watched(parts);
  await parts.frame();
  watch.stop();
  parts.asked[0]?.resolve({ latency_ms: 40 });
  await settled();
  await parts.frame();
  assert.equal(parts.asked.length, 1);
  assert.deepEqual([seen, failures], [[], []]);
});

test("while nobody looks no frame is asked about, and afterwards frames are again", async () => {
  const parts = scene();
  const { watch } = watched(parts);
  watch.pause(true);
  for (let count = 0; count < 3; count += 1) await parts.frame();
  assert.equal(parts.asked.length, 0);
  watch.pause(false);
  await parts.frame();
  assert.equal(parts.asked.length, 1);
});

test("frames pass by until there is a predictor", async () => {
  const parts = scene();
  let ready = false;
  watched(parts, () => (ready ? parts.source : null));
  await parts.frame();
  assert.equal(parts.asked.length, 0);
  ready = true;
  await parts.frame();
  assert.equal(parts.asked.length, 1);
});

test("a predictor that gives way to another costs one frame", async () => {
  const parts = scene();
  const { failures } = watched(parts);
  await parts.frame();
  parts.asked[0]?.reject({ kind: "closed" });
  await settled();
  await parts.frame();
  assert.equal(parts.asked.length, 2);
  assert.deepEqual(failures, []);
});

test("a failure ends the watch, and is told once", async () => {
  const parts = scene();
  const { failures } = watched(parts);
  await parts.frame();
  parts.asked[0]?.reject({ kind: "model" });
  await settled();
  await parts.frame();
  assert.equal(parts.asked.length, 1);
  assert.deepEqual(failures, [{ kind: "model" }]);
});
