import assert from "node:assert/strict";
import { test } from "node:test";
import { batchOf } from "../../../../web/bench/variants/batches.js";
import { measureVariants, turnOf, VariantFailure } from "../../../../web/bench/variants/measure.js";
import { weighed } from "../../../../web/bench/variants/memory.js";

/**
 * @typedef {import("../../../../web/bench/variants/measure.js").Setting} Setting
 * @typedef {import("../../../../web/bench/variants/measure.js").Variant} Variant
 * @typedef {import("../../../../web/bench/variants/session.js").Session} Session
 */

const MEMORY = { size_bytes: 65_536, touched_bytes: 4096 };
const PLAN = { loads: 2, rounds: 6, turn_ms: 20, warm_up_ms: 100, rest_ms: 5, seed: 1 };

/** A machine whose time passes only when a model runs, and that becomes slower and slower. */
class Machine {
  open = 0;
  slowness = 1;
  rests = 0;
  /** @type {string[]} */
  timed = [];
  /** @type {[number, string, string][]} */
  steps = [];

  /**
   * @param {string} name
   * @param {number} row_ms What a row takes at first.
   * @param {{failsAt?: number, touched_bytes?: number}} [behaviour] The batch size that it cannot run, and what shows as touched at its end.
   * @returns {Variant}
   */
  variant(name, row_ms, { failsAt, touched_bytes = 8192 } = {}) {
    return {
      name,
      open: async () => {
        this.open++;
        let rows = 0;
        /** @type {Session} */
        const session = {
          ...{ runtime_start_ms: 7, load_ms: row_ms, memory: { runtime: MEMORY, loaded: MEMORY } },
          feed: async ({ x }) => {
            rows = x.dims[0];
            if (rows === failsAt) throw new Error("out of memory");
            const data = Float32Array.from(/** @type {Float32Array} */ (x.data), (value) => value * row_ms);
            return { y: { data, dims: x.dims } };
          },
          time: async ({ samples }) => {
            this.timed.push(name);
            return Array(samples).fill(row_ms * rows * this.slowness);
          },
          weigh: async () => ({ size_bytes: 131_072, touched_bytes }),
          close: () => {
            this.open--;
          },
        };
        return session;
      },
    };
  }

  /**
   * @param {Partial<Setting>} [changes]
   * @returns {Setting}
   */
  setting(changes) {
    return {
      ...{ plan: PLAN, batch: 4, tick_ms: 0.005 },
      rows: { x: { data: new Float32Array([1, 2, 3]), dims: [3, 1] } },
      rest: async (delay_ms) => {
        this.rests += delay_ms;
        this.slowness *= 1.0001;
      },
      onStep: (...step) => this.steps.push(step),
      ...changes,
    };
  }
}

test("models are measured against the first one in the same rounds", async () => {
  const machine = new Machine();
  const variants = [machine.variant("a", 1), machine.variant("b", 0.25)];
  const { models, orders } = await measureVariants(variants, machine.setting());
  assert.deepEqual(
    models.map(({ name, load_ms, runtime_start_ms }) => [name, load_ms.median, load_ms.count, runtime_start_ms.median]),
    [
      ["a", 1, PLAN.loads, 7],
      ["b", 0.25, PLAN.loads, 7],
    ],
  );
  const [a, b] = models;
  assert.deepEqual([a.ratio.minimum, a.ratio.maximum], [1, 1]);
  assert.ok(Math.abs(b.ratio.median - 0.25) < 0.001);
  assert.equal(b.time_ms.count, PLAN.rounds * b.turn.samples);
  assert.ok(a.rounds_ms[5] > a.rounds_ms[0], "the machine became slower");
  const peak = { size_bytes: 131_072, touched_bytes: 8192 };
  assert.deepEqual(a.memory, { runtime: MEMORY, loaded: MEMORY, peak });
  assert.deepEqual([...a.outputs.y.data], [1, 2, 3, 1]);
  assert.deepEqual([orders.loads.length, orders.rounds.length], [PLAN.loads, PLAN.rounds]);
  assert.equal(machine.open, 0);
});

test("pages that became zeros again were touched all the same", async () => {
  const machine = new Machine();
  const { models } = await measureVariants([machine.variant("a", 1, { touched_bytes: 0 })], machine.setting());
  const { loaded, peak } = models[0].memory;
  assert.deepEqual([peak.size_bytes, peak.touched_bytes], [131_072, loaded.touched_bytes]);
});

test("turns are taken in the orders that the result tells, after a rest each", async () => {
  const machine = new Machine();
  const names = ["a", "b", "c"];
  const variants = names.map((name) => machine.variant(name, 1));
  const { orders } = await measureVariants(variants, machine.setting({ batch: 1 }));
  const told = orders.rounds.flat().map((place) => names[place]);
  assert.deepEqual(machine.timed.slice(-told.length), told);
  assert.ok(new Set(orders.rounds.map(String)).size > 1, "orders differ");
  assert.equal(machine.rests, PLAN.rounds * names.length * PLAN.rest_ms);
});

test("steps are told with the model's name, up to the end", async () => {
  const machine = new Machine();
  await measureVariants([machine.variant("a", 1), machine.variant("b", 1)], machine.setting());
  assert.deepEqual(machine.steps[0], [0, "a", "loading"]);
  const [last, name, doing] = machine.steps.at(-1) ?? [];
  assert.deepEqual([name, doing], ["b", "weighing"]);
  assert.ok(Number(last) > 0.95 && Number(last) < 1);
  assert.ok(machine.steps.some(([, , doing]) => doing === "timing"));
});

test("a failure names the model and what it did, and leaves nothing open", async () => {
  const machine = new Machine();
  const variants = [machine.variant("a", 1), machine.variant("b", 1, { failsAt: 4 })];
  await assert.rejects(measureVariants(variants, machine.setting()), (error) => {
    assert.ok(error instanceof VariantFailure);
    assert.equal(error.message, "b, running: out of memory");
    return true;
  });
  assert.equal(machine.open, 0);
});

test("whoever cancels gets the reason, and nothing stays open", async () => {
  const machine = new Machine();
  const life = new AbortController();
  const setting = machine.setting({
    signal: life.signal,
    onStep: (_, __, doing) => doing.startsWith("timing") && life.abort(new Error("enough")),
  });
  await assert.rejects(measureVariants([machine.variant("a", 1)], setting), { message: "enough" });
  assert.equal(machine.open, 0);
});

test("a model is warmed up by time, however slow its first runs are", async () => {
  const machine = new Machine();
  const cold = machine.variant("a", 1);
  let calls_in_all = 0;
  let warm_up_calls = 0;
  const open = async () => {
    const session = await cold.open();
    const time = async (/** @type {import("../../../../web/bench/variants/session.js").Turn} */ turn) => {
      warm_up_calls += turn.samples * turn.calls;
      return Array(turn.samples).fill(calls_in_all++ === 0 ? 50 : 0.01);
    };
    return { ...session, time };
  };
  const plan = { ...PLAN, rounds: 1, turn_ms: 0 }; // one run is longer, so that the warm-up alone is counted
  await measureVariants([{ name: "a", open }], machine.setting({ batch: 1, plan }));
  assert.ok(warm_up_calls * 0.01 > PLAN.warm_up_ms - 50, `${warm_up_calls} calls`);
});

test("a model that takes longer than a warm-up runs once a turn", async () => {
  const machine = new Machine();
  const { models } = await measureVariants([machine.variant("a", 150)], machine.setting({ batch: 1 }));
  assert.deepEqual(models[0].turn, { warm_ups: 0, samples: 1, calls: 1 });
  assert.equal(machine.timed.length, PLAN.rounds + 1);
});

test("a turn holds runs enough for the clock, and samples enough for its time", () => {
  assert.deepEqual(turnOf(0.05, 20, 0.005), { warm_ups: 10, samples: 20, calls: 10 });
  assert.deepEqual(turnOf(4, 20, 0.005), { warm_ups: 1, samples: 4, calls: 1 });
  assert.deepEqual(turnOf(50, 20, 0.005), { warm_ups: 1, samples: 1, calls: 1 });
  assert.deepEqual(turnOf(200, 20, 0.005), { warm_ups: 0, samples: 1, calls: 1 });
  assert.equal(turnOf(0, 20, 0.1).samples, 20);
});

test("batches repeat the rows, and keep their type", () => {
  const { x, ids } = batchOf(
    {
      x: { data: new Float32Array([1, 2, 3, 4, 5, 6]), dims: [3, 2] },
      ids: { data: new BigInt64Array([7n, 8n, 9n]), dims: [3] },
    },
    5,
  );
  assert.deepEqual(
    [[...x.data], x.dims],
    [
      [1, 2, 3, 4, 5, 6, 1, 2, 3, 4],
      [5, 2],
    ],
  );
  assert.deepEqual([ids.data, ids.dims], [new BigInt64Array([7n, 8n, 9n, 7n, 8n]), [5]]);
});

test("memory is weighed by the pages that were written to", () => {
  const memory = new WebAssembly.Memory({ initial: 2 });
  assert.deepEqual(weighed(memory.buffer), { size_bytes: 131_072, touched_bytes: 0 });
  const bytes = new Uint8Array(memory.buffer);
  for (const place of [0, 1, 4095, 4096, 131_071]) bytes[place] = 1;
  assert.equal(weighed(memory.buffer).touched_bytes, 3 * 4096);
});
