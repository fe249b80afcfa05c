import assert from "node:assert/strict";
import { test } from "node:test";
import { createCosts, demandNow, effortOf } from "../../../../web/app/batch/costs-state.js";

const exactly = (/** @type {number} */ median) => ({ median, low: median, high: median });
const HERE = { batch_us: exactly(20), online_us: exactly(400) };
const RECORD = {
  ...{ created: "2026-11-27", machine: { cores: 2, processor: "x86-64" }, workers: 2 },
  pipelines: {
    eta: {
      fp32: {
        batch: { rows_per_s: 90_000, cpu_us: exactly(15) },
        online: { answers_per_s: 2000, at_once: 8, p50_ms: 3, cpu_us: exactly(700) },
      },
    },
  },
};

/** @param {(variant: string, watch: any) => Promise<any>} [measure] */
function costs(measure = async (variant) => ({ variant, effort: HERE })) {
  return createCosts({ pipeline: "eta", variant: "fp32", measure, onChange: () => {} });
}

test("nothing is known before it is measured, and each variant by itself", async () => {
  const actions = costs();
  assert.equal(effortOf(actions.state(), "eta"), null);
  await actions.measure();
  assert.equal(effortOf(actions.state(), "eta"), HERE);
  actions.chooseVariant("int8");
  assert.equal(effortOf(actions.state(), "eta"), null);
});

test("a server's record stands there until something is measured here", async () => {
  const actions = costs();
  actions.showRecorded(RECORD);
  assert.deepEqual(effortOf(actions.state(), "eta"), { batch_us: exactly(15), online_us: exactly(700) });
  await actions.measure();
  assert.equal(effortOf(actions.state(), "eta"), HERE);
  actions.choosePlace("server");
  assert.equal(effortOf(actions.state(), "eta")?.online_us.median, 700);
  actions.chooseVariant("int8");
  assert.equal(effortOf(actions.state(), "eta"), null);
});

test("a record that comes late, or tells nothing of the pipeline, takes nobody's place", async () => {
  const actions = costs();
  await actions.measure();
  actions.showRecorded(RECORD);
  assert.equal(actions.state().place, "device");
  const other = createCosts({
    pipeline: "see",
    variant: "fp32",
    measure: async () => assert.fail(),
    onChange: () => {},
  });
  other.showRecorded(RECORD);
  assert.equal(other.state().place, "device");
});

test("a job counts the threads of its model and the one that reads, and answers alone are as measured", async () => {
  const job = { rows_per_s: 100_000, rows: 300_000, threads: 1 };
  const actions = createCosts({
    ...{ pipeline: "eta", variant: "fp32", onChange: () => {} },
    measure: async (variant) => /** @type {any} */ ({ variant, effort: HERE }),
    lastJob: (variant) => (variant === "fp32" ? job : null),
  });
  actions.choosePlace("job");
  assert.equal(effortOf(actions.state(), "eta"), null);
  await actions.measure();
  actions.choosePlace("job");
  assert.deepEqual(effortOf(actions.state(), "eta"), { batch_us: exactly(20), online_us: HERE.online_us });
  actions.chooseVariant("int8");
  assert.equal(effortOf(actions.state(), "eta"), null);
});

test("measuring can be cancelled, which is told apart from failing", async () => {
  const stopped = costs((_variant, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", reject)));
  const running = stopped.measure();
  assert.equal(stopped.state().task.status, "running");
  stopped.cancel();
  await running;
  assert.equal(stopped.state().task.status, "cancelled");
  const failing = costs(() => Promise.reject(new Error("out of memory")));
  await failing.measure();
  assert.deepEqual(
    [failing.state().task.status, String(failing.state().task.failure)],
    ["error", "Error: out of memory"],
  );
});

test("what is typed is the demand, as soon as it makes sense", () => {
  const actions = costs();
  actions.input("users", "2000");
  assert.equal(demandNow(actions.state()).demand?.users, 2000);
  actions.input("users", "two");
  assert.equal(demandNow(actions.state()).demand, null);
});
