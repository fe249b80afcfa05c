import assert from "node:assert/strict";
import { test } from "node:test";
import { createCompression } from "../../../../web/app/compression-actions.js";
import { chosenWith, measurable, obstacle, shownPoints } from "../../../../web/app/compression-state.js";
import { ForeshoreError } from "../../../../web/shared/errors.js";
import { smallFacts, timed } from "./compression-facts.js";

const FILE = { url: "x", sha256: "x", size_bytes: 1 };
const RELEASE = /** @type {import("../../../../web/shared/release.js").Release} */ (
  /** @type {unknown} */ ({ id: "r1" })
);

/** @param {Partial<Parameters<typeof createCompression>[0]>} [needs] */
function page(needs = {}) {
  return createCompression({
    openRelease: async () => ({ release: RELEASE, base: "/" }),
    compressedOf: () => [
      { name: "small", title: "Small" },
      { name: "other", title: "Other" },
    ],
    loadMaterial: async (_, __, name) => ({
      ...{ facts: { ...smallFacts(), pipeline: name }, rows: [], models: { whole: FILE, pruned: FILE } },
    }),
    loadStudies: async () => null,
    describe: async () => ({ isolated: true, threads: 2, webgpu: "" }),
    measure: async (_, { names, threads, batch, provider }) => ({
      ...{ threads, batch, provider, created: "", environment: {}, failures: {} },
      models: names.map((name) => timed(name, 7)),
    }),
    ...{ wanted: "", onChange: () => {}, ...needs },
  });
}

test("the page begins with the first pipeline and a variant that compression released", async () => {
  const { begin, state } = page();
  await begin();
  assert.deepEqual([state().status, state().pipeline, state().chosen], ["ready", "small", "pruned"]);
});

test("an address may name the pipeline, and an unknown one is told", async () => {
  const named = page({ wanted: "other" });
  await named.begin();
  assert.equal(named.state().material?.facts.pipeline, "other");
  const unknown = page({ wanted: "nothing" });
  await unknown.begin();
  assert.equal(unknown.state().status, "error");
});

test("a release without compressed pipelines is no error", async () => {
  const { begin, state } = page({ compressedOf: () => [] });
  await begin();
  assert.equal(state().status, "empty");
});

test("a file that does not come is told, and case studies that do not come are not missed", async () => {
  const gone = async () => {
    throw new ForeshoreError("network", "gone");
  };
  const broken = page({ loadMaterial: gone });
  await broken.begin();
  assert.equal(broken.state().status, "error");
  const whole = page({ loadStudies: gone });
  await whole.begin();
  assert.deepEqual([whole.state().status, whole.state().studies], ["ready", null]);
});

test("what is measured here joins the points, and goes with another pipeline", async () => {
  const { begin, state, measureChosen, show } = page();
  await begin();
  await measureChosen();
  const own = () => shownPoints(state()).find(({ name }) => name === "pruned")?.own?.time_ms.median;
  assert.deepEqual([own(), state().task.status], [7, "idle"]);
  await show("other");
  assert.equal(own(), undefined);
});

test("measuring all takes those alone whose models are there", async () => {
  /** @type {readonly string[]} */
  let asked = [];
  const { begin, state, measureAll } = page({
    measure: async (_, { names, ...rest }) => {
      asked = names;
      return { ...rest, created: "", environment: {}, failures: {}, models: [] };
    },
  });
  await begin();
  await measureAll();
  assert.deepEqual(
    [asked, measurable(state())],
    [
      ["whole", "pruned"],
      ["whole", "pruned"],
    ],
  );
});

test("a failed measurement is told and leaves what was measured before", async () => {
  let works = true;
  const { begin, state, measureChosen } = page({
    measure: async (_, { names, ...rest }) => {
      if (!works) throw new Error("out of memory");
      return { ...rest, created: "", environment: {}, failures: {}, models: names.map((name) => timed(name, 7)) };
    },
  });
  await begin();
  await measureChosen();
  works = false;
  await measureChosen();
  assert.deepEqual([state().task.status, state().own.length], ["error", 1]);
  assert.match(String(state().task.failure), /out of memory/);
});

test("a measurement can be stopped, and adds nothing then", async () => {
  const { begin, state, measureAll, cancel } = page({
    measure: (_, __, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  await begin();
  const done = measureAll();
  assert.equal(state().task.status, "running");
  cancel();
  await done;
  assert.deepEqual([state().task.status, state().own], ["cancelled", []]);
});

test("an answer that comes after another pipeline was chosen is dropped", async () => {
  /** @type {(run: any) => void} */
  let answer = () => {};
  const { begin, state, measureAll, show } = page({
    measure: () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  });
  await begin();
  const done = measureAll();
  await show("other");
  answer({ threads: 1, batch: 32, provider: "wasm", created: "", environment: {}, failures: {}, models: [] });
  await done;
  assert.deepEqual([state().own, state().task.status], [[], "idle"]);
});

test("a GPU has no threads to choose", async () => {
  const { begin, state, choose } = page();
  await begin();
  choose({ threads: 2 });
  choose({ provider: "webgpu" });
  assert.equal(state().choice?.threads, 1);
  const { choice } = state();
  assert.ok(choice);
  assert.equal(chosenWith({ ...choice, provider: "wasm" }, { threads: 2 }).threads, 2);
});

test("more threads than the page has are refused in words", async () => {
  const { begin, state, choose } = page({ describe: async () => ({ isolated: false, threads: 1, webgpu: "" }) });
  await begin();
  assert.equal(obstacle(state()), "");
  choose({ threads: 2 });
  assert.match(obstacle(state()), /not isolated/);
});
