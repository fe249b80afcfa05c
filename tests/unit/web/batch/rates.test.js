import assert from "node:assert/strict";
import { test } from "node:test";
import { measureRates, ROUNDS, spreadOf } from "../../../../web/app/batch/rates.js";

/**
 * A predictor whose every answer takes the same time of a clock that only it moves.
 *
 * @param {{ row_ms: number, answer_ms: number }} takes
 */
function ticking({ row_ms, answer_ms }) {
  const clock = { ms: 0, asked: /** @type {unknown[]} */ ([]) };
  const predictor = {
    variant: "fp32",
    async predict(/** @type {unknown} */ record) {
      clock.ms += answer_ms;
      clock.asked.push(record);
      return {};
    },
    async *predictMany(/** @type {unknown[]} */ rows, /** @type {any} */ { batchSize }) {
      assert.equal(rows.length, batchSize);
      clock.ms += row_ms * rows.length;
      yield { start: 0, answers: rows };
    },
  };
  return { clock, predictor: /** @type {any} */ (predictor) };
}

test("rates are answers a second of the time that they took, and efforts their inverse", async () => {
  const { clock, predictor } = ticking({ row_ms: 0.025, answer_ms: 0.5 });
  /** @type {number[]} */
  const told = [];
  const watch = { signal: new AbortController().signal, onProgress: told.push.bind(told), now_ms: () => clock.ms };
  const records = [{ quay: 1 }, { quay: 2 }];
  const { variant, batch_per_s, online_per_s, effort } = await measureRates(predictor, records, watch);
  assert.equal(variant, "fp32");
  assert.deepEqual([batch_per_s.median, online_per_s.median].map(Math.round), [40_000, 2000]);
  assert.deepEqual([effort.batch_us.median, effort.online_us.median].map(Math.round), [25, 500]);
  assert.equal(told.length, ROUNDS);
  assert.equal(told.at(-1), 1);
  assert.deepEqual(clock.asked.slice(0, 3), [{ quay: 1 }, { quay: 2 }, { quay: 1 }]);
});

test("the spread is that of the quartiles", () => {
  assert.deepEqual(spreadOf([5, 1, 3, 2, 4]), { median: 3, low: 2, high: 4 });
});
