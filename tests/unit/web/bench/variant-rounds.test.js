import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../../../web/bench/measure/statistics.js";
import { shuffled, shuffledRounds } from "../../../../web/bench/variants/rounds.js";

/**
 * Well above what chance gives for 3000 draws: six standard deviations of a count.
 */
const SLACK = 6 * Math.sqrt(3000 * (1 / 6) * (5 / 6));

test("every order of three comes about equally often", () => {
  const random = seededRandom(1);
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (let draw = 0; draw < 3000; draw++) {
    const order = shuffled(3, random).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort(), ["012", "021", "102", "120", "201", "210"]);
  for (const [order, count] of counts) assert.ok(Math.abs(count - 500) < SLACK, `${order}: ${count}`);
});

test("everybody takes one turn a round, as the orders tell", async () => {
  /** @type {number[]} */
  const turns = [];
  const { orders, samples } = await shuffledRounds(4, 5, seededRandom(7), async (place) => turns.push(place));
  assert.deepEqual(turns, orders.flat());
  assert.deepEqual(
    orders.map((order) => order.toSorted()),
    Array(5).fill([0, 1, 2, 3]),
  );
  assert.deepEqual(
    samples.map((list) => list.length),
    [5, 5, 5, 5],
  );
  for (const [place, list] of samples.entries())
    assert.deepEqual(
      list,
      orders.map((order, round) => 4 * round + order.indexOf(place) + 1),
    );
});

test("the same seed gives the same orders, another gives others", async () => {
  const orders = async (/** @type {number} */ seed) =>
    (await shuffledRounds(6, 4, seededRandom(seed), async () => {})).orders;
  assert.deepEqual(await orders(3), await orders(3));
  assert.notDeepEqual(await orders(3), await orders(4));
});
