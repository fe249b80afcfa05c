import assert from "node:assert/strict";
import { test } from "node:test";
import { callsPerSample, clockTick, interleave, turnOrder } from "../../../../web/bench/measure/rounds.js";

test("everyone goes once a round and first equally often", () => {
  const firsts = [0, 0, 0];
  for (let round = 0; round < 12; round++) {
    const order = turnOrder(3, round);
    assert.deepEqual([...order].sort(), [0, 1, 2]);
    firsts[order[0]] += 1;
  }
  assert.deepEqual(firsts, [4, 4, 4]);
});

test("the one who goes before changes from lap to lap", () => {
  const before = new Set();
  for (let round = 0; round < 12; round++) {
    const order = turnOrder(3, round);
    const place = order.indexOf(1);
    if (place > 0) before.add(order[place - 1]);
  }
  assert.deepEqual([...before].sort(), [0, 2]);
});

test("samples come back by contender and round, though turns interleave", async () => {
  /** @type {string[]} */
  const turns = [];
  const samples = await interleave(
    ["a", "b", "c"],
    async (name, round) => {
      turns.push(name);
      return `${name}${round}`;
    },
    { rounds: 2 },
  );
  assert.deepEqual(samples, [
    ["a0", "a1"],
    ["b0", "b1"],
    ["c0", "c1"],
  ]);
  assert.deepEqual(turns, ["a", "b", "c", "b", "c", "a"]);
});

test("turns never overlap", async () => {
  let running = 0;
  const turn = async () => {
    assert.equal(++running, 1);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
  };
  await interleave([1, 2, 3], turn, { rounds: 3 });
});

test("cancelling stops before the next turn", async () => {
  const controller = new AbortController();
  let turns = 0;
  const turn = async () => {
    if (++turns === 2) controller.abort(new Error("enough"));
  };
  await assert.rejects(interleave([1, 2, 3], turn, { rounds: 5, signal: controller.signal }), /enough/);
  assert.equal(turns, 2);
});

test("progress ends at the total", async () => {
  /** @type {[number, number][]} */
  const seen = [];
  await interleave([1, 2], async () => 0, { rounds: 2, onTurn: (done, total) => seen.push([done, total]) });
  assert.deepEqual(seen, [
    [1, 4],
    [2, 4],
    [3, 4],
    [4, 4],
  ]);
});

test("a sample holds a hundred ticks of the clock", () => {
  assert.equal(callsPerSample(2, 0.005), 1);
  assert.equal(callsPerSample(0.05, 0.005), 10);
  assert.equal(callsPerSample(0.05, 0.1), 200);
});

test("a call too short for the clock to see still gets a finite count", () => {
  assert.equal(callsPerSample(0, 0.1), 1000);
});

test("the clock's tick is its smallest step", () => {
  let time = 0;
  const coarse = () => {
    time += 0.03;
    return Math.floor(time * 10) / 10;
  };
  assert.ok(Math.abs(clockTick(coarse) - 0.1) < 1e-9);
});
