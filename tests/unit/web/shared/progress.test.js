import assert from "node:assert/strict";
import { test } from "node:test";
import { Progress } from "../../../../web/shared/progress.js";

/**
 * @param {Record<string, number>} weights
 */
function recorded(weights) {
  /** @type {{fraction: number, phase: string, loaded_bytes: number, total_bytes: number}[]} */
  const told = [];
  const progress = new Progress(weights, (fraction, detail) => told.push({ fraction, ...detail }));
  return { progress, told };
}

test("bytes and phases add up by their weights", () => {
  const { progress, told } = recorded({ download: 3, start: 1 });
  progress.downloaded("download", 50, 100);
  progress.done("start");
  assert.deepEqual(
    told.map(({ fraction }) => fraction),
    [0.375, 0.625],
  );
});

test("progress ends at exactly one when every part is done, and not before", () => {
  const { progress } = recorded({ a: 0.1, b: 0.2, c: 0.7 });
  progress.done("a");
  progress.done("b");
  assert.ok(progress.fraction < 1);
  progress.done("c");
  assert.equal(progress.fraction, 1);
});

test("progress never falls, though more files become known or a try starts anew", () => {
  const { progress, told } = recorded({ download: 1 });
  progress.downloaded("download", 80, 100);
  progress.downloaded("download", 80, 400);
  progress.downloaded("download", 0, 400);
  progress.downloaded("download", 360, 400);
  assert.deepEqual(
    told.map(({ fraction }) => fraction),
    [0.8, 0.8, 0.8, 0.9],
  );
});

test("bytes of all downloads are told together, with the part that moved", () => {
  const { progress, told } = recorded({ python: 1, model: 1 });
  progress.downloaded("python", 10, 100);
  progress.downloaded("model", 5, 50);
  assert.deepEqual(told.at(-1), { fraction: 0.1, phase: "model", loaded_bytes: 15, total_bytes: 150 });
});

test("a download that is done has all its bytes", () => {
  const { progress, told } = recorded({ python: 1 });
  progress.downloaded("python", 10, 100);
  progress.done("python");
  assert.deepEqual(told.at(-1), { fraction: 1, phase: "python", loaded_bytes: 100, total_bytes: 100 });
});

test("notices of workers count as they say", () => {
  const { progress } = recorded({ python: 1, model: 1 });
  progress.take({ type: "progress", part: "python", loaded_bytes: 50, total_bytes: 100, done: false });
  assert.equal(progress.fraction, 0.25);
  progress.take({ type: "progress", part: "python", loaded_bytes: 0, total_bytes: 0, done: true });
  assert.equal(progress.fraction, 0.5);
});

test("nobody has to listen", () => {
  const progress = new Progress({ only: 1 });
  progress.done("only");
  assert.equal(progress.fraction, 1);
});

test("what is ready before all parts are is told so once, and what still comes is not told", () => {
  const { progress, told } = recorded({ release: 1, model: 9 });
  progress.done("release");
  progress.finish();
  progress.finish();
  progress.done("model");
  assert.deepEqual(
    told.map(({ fraction, phase }) => [fraction, phase]),
    [
      [0.1, "release"],
      [1, "release"],
    ],
  );
});
