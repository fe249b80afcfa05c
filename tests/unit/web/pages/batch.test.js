import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { onlyOne } from "../../../../web/app/batch/receiving.js";
import { drawnFile, recordedFile } from "../../../../web/app/batch/samples.js";
import { createBatch } from "../../../../web/app/batch-actions.js";
import * as page from "../../../../web/app/batch-state.js";
import { CONTRACTS } from "../../../../web/generated/contracts.js";
import { ForeshoreError } from "../../../../web/shared/errors.js";
import { newJob } from "../../../../web/shared/jobs.js";
import { TABLE } from "../worker/batch/jobs.js";
import { readAll } from "../worker/batch/reading.js";

const GOLDEN = JSON.parse(
  readFileSync(new URL("../../../../models/eta/artefacts/golden.json", import.meta.url), "utf8"),
);
const CONTRACT = {
  ...CONTRACTS.eta,
  name: "small",
  context: [],
  fields: CONTRACTS.eta.fields
    .filter(({ name }) => name === "origin" || name === "departure_delay_min")
    .map((field) => (field.name === "origin" ? field : { ...field, name: "delay" })),
};
const OFFER = /** @type {import("../../../../web/shared/release.js").Pipeline} */ (
  /** @type {unknown} */ ({
    contract: CONTRACT,
    encoding: TABLE,
    variants: [
      { name: "fp32", graph: "a", size_bytes: 2 },
      { name: "int8", graph: "b", size_bytes: 1 },
      { name: "odd", size_bytes: 1 },
    ],
    default_variant: "fp32",
    golden: "golden.json",
  })
);
const PHOTOS = {
  contract: { ...CONTRACT, name: "photos", fields: [{ name: "photo", title: "Photo", dtype: "image" }] },
};
const RELEASE = /** @type {import("../../../../web/shared/release.js").Release} */ (
  /** @type {unknown} */ ({ id: "r1", pipelines: { small: OFFER, photos: PHOTOS } })
);

const FILE = new File(["id,Origin,delay\n1,JFK,2\n2,XX,3\n3,EWR,\n"], "flights.csv");

/** A job as it may be stored. @param {Partial<import("../../../../web/shared/jobs.js").Job>} [patch] */
function stored(patch = {}) {
  const facts = {
    ...{ name: "flights.csv", size_bytes: 9, format: /** @type {const} */ ("csv"), rows: null, columns: [] },
    ...{ pipeline: "small", release: "r1", variant: "fp32", engine: /** @type {const} */ ("graph"), threads: 1 },
    ...{ mapping: {}, carried: [], outputs: [] },
  };
  return { ...newJob(facts, "j1", 0, { offset: 0, record: 0 }), ...patch };
}

/** @param {Partial<Parameters<typeof createBatch>[0]> & {jobs?: any[], elsewhere?: string[], run?: any, time?: any, failing?: any}} [needs] */
function opened({ jobs = [], elsewhere = [], run, time, failing, ...needs } = {}) {
  /** @type {any[]} */
  const asked = [];
  const ask = async (/** @type {any} */ request) => {
    asked.push(request);
    if (failing?.(request.type)) throw new ForeshoreError("internal", `no ${request.type}`);
    switch (request.type) {
      case "list_jobs":
        return { jobs, elsewhere };
      case "inspect_file": {
        const { source, places } = await readAll(request.file, { name: request.name, rows: 100 });
        const part = await source.read(
          places[0],
          source.columns.map(({ name }) => name),
          100,
        );
        const columns = Object.fromEntries(source.columns.map(({ name }, place) => [name, part.columns[place]]));
        const head = { rows: [...part.rows], columns, problems: part.problems };
        return { format: source.format, rows: source.rows, columns: source.columns, head };
      }
      case "create_job":
        return { job: stored({ ...request.facts, id: "j2" }) };
      case "read_results":
      case "read_bad_rows":
        return { rows: [] };
      default:
        return {};
    }
  };
  const actions = createBatch({
    openRelease: async () => ({ release: RELEASE, base: "/" }),
    hireCrew: () =>
      /** @type {any} */ ({
        ask,
        prepare: async () => {},
        time,
        run: run ?? (async (/** @type {any} */ job) => ({ job, ended: "paused" })),
      }),
    readJson: async () => GOLDEN,
    storage: { estimate: async () => null, persist: async () => true },
    ...{ mostThreads: 2, wanted: "", onChange: () => {}, save: () => {}, now_ms: () => 0, ...needs },
  });
  return { ...actions, asked };
}

test("the page begins with the first pipeline that reads tables, one core left to read and store", async () => {
  const { begin, state } = opened();
  await begin();
  assert.deepEqual([state().status, state().pipeline], ["ready", "small"]);
  assert.deepEqual(state().options, { variant: "fp32", engine: "graph", threads: 1 });
});

test("a file's columns are matched, its first rows checked, and all carried", async () => {
  const { begin, give, state } = opened();
  await begin();
  await give(() => onlyOne([FILE]));
  assert.deepEqual(state().mapping, { origin: "Origin", delay: "delay" });
  assert.deepEqual(state().carried, ["id", "Origin", "delay"]);
  const { given } = state();
  assert.ok(given);
  const { problems, badRows } = page.checkedHead(TABLE, given, state().mapping);
  assert.deepEqual(
    problems.map(({ message }) => message),
    ['origin: got "XX", expected one of EWR, JFK (row 2)'],
  );
  assert.deepEqual([...badRows], [2]);
  assert.equal(page.obstacle(state()), "");
});

test("a field that may not be missing and has no column stands in the way, and says so", async () => {
  const { begin, give, remap, start, asked, state } = opened();
  await begin();
  await give(() => onlyOne([FILE]));
  remap("origin", null);
  assert.match(page.obstacle(state()), /^From: may not be missing/);
  await start();
  assert.ok(!asked.some(({ type }) => type === "create_job"));
  remap("origin", "id");
  assert.equal(page.obstacle(state()), "");
  assert.equal(state().mapping.origin, "id");
});

test("a job is made of what was chosen", async () => {
  const { begin, give, carry, choose, start, asked } = opened();
  await begin();
  await give(() => onlyOne([FILE]));
  carry("delay", false);
  choose({ variant: "int8", threads: 2 });
  await start();
  const { facts, file } = asked.find(({ type }) => type === "create_job");
  assert.equal(file, FILE);
  assert.deepEqual(
    [facts.variant, facts.engine, facts.threads, facts.carried, facts.release, facts.name],
    ["int8", "graph", 2, ["id", "Origin"], "r1", "flights.csv"],
  );
});

test("a variant without a graph takes Python", async () => {
  const { begin, choose, state } = opened();
  await begin();
  choose({ variant: "odd" });
  assert.equal(state().options.engine, "python");
});

test("several files, or none, are refused in words; another file can be given then", async () => {
  const { begin, give, state } = opened();
  await begin();
  await give(() => onlyOne([FILE, FILE]));
  assert.match(String(state().refusal?.title), /^2 files came/);
  await give(() => onlyOne([]));
  assert.match(String(state().refusal?.title), /^No file/);
  await give(() => onlyOne([FILE]));
  assert.equal(state().refusal, null);
});

test("a file that can't be read is told, and nothing is chosen", async () => {
  const { begin, give, state } = opened();
  await begin();
  await give(() => onlyOne([new File([""], "empty.csv")]));
  assert.match(/** @type {Error} */ (state().fileFailure).message, /empty\.csv: got an empty file/);
  assert.equal(state().given, null);
});

test("an unfinished job is shown when the page opens, and goes on when it is asked to", async () => {
  const { begin, resume, state } = opened({ jobs: [stored()] });
  await begin();
  assert.equal(state().job?.id, "j1");
  await resume("j1");
  assert.equal(state().said, "The job is paused.");
});

test("a job of another release, or in another tab, does not go on, and says why", async () => {
  let runs = 0;
  const run = async () => {
    runs += 1;
  };
  const other = opened({ jobs: [stored({ release: "r0" })], run });
  await other.begin();
  await other.resume("j1");
  assert.match(page.hindrance(other.state(), stored({ release: "r0" })), /begun with release r0; this site has r1/);
  const taken = opened({ jobs: [stored()], elsewhere: ["j1"], run });
  await taken.begin();
  await taken.resume("j1");
  assert.equal(taken.state().stopped, "elsewhere");
  assert.equal(runs, 0);
});

test("what goes wrong while a job runs is told, and the page can be used again", async () => {
  const run = async () => {
    throw new ForeshoreError("model", "no luck");
  };
  const { begin, give, start, state } = opened({ run });
  await begin();
  await give(() => onlyOne([FILE]));
  await start();
  assert.equal(/** @type {Error} */ (state().taskFailure).message, "no luck");
  assert.equal(state().task.status, "idle");
});

test("room that runs out is told as such", async () => {
  const run = async (/** @type {any} */ job) => ({ job, ended: "full" });
  const { begin, give, start, state } = opened({ run });
  await begin();
  await give(() => onlyOne([FILE]));
  await start();
  assert.equal(state().stopped, "full");
});

test("while variants are timed no job begins, and none goes on", async () => {
  let runs = 0;
  /** @type {() => void} */
  let finish = () => {};
  const held = new Promise((resolve) => {
    finish = () => resolve(undefined);
  });
  const time = async () => {
    await held;
    return { rows: 10, samples_ms: [1, 2] };
  };
  const run = async (/** @type {any} */ job) => {
    runs += 1;
    return { job, ended: "paused" };
  };
  const jobs = [stored({ id: "j3" }), stored({ id: "j4", release: "r0" })];
  const { begin, give, start, resume, startAgain, timeVariants, state } = opened({ jobs, run, time });
  await begin();
  await give(() => onlyOne([FILE]));
  const timed = timeVariants();
  assert.match(page.obstacle(state()), /being timed/);
  assert.match(page.hindrance(state(), jobs[0]), /being timed/);
  await start();
  await resume("j3");
  await startAgain("j4");
  assert.equal(runs, 0);
  finish();
  await timed;
  assert.equal(page.hindrance(state(), jobs[0]), "");
  assert.deepEqual(
    state().speeds.map(({ variant }) => variant),
    ["fp32", "int8"],
  );
});

test("a file that comes while a job runs is refused, and the job stays", async () => {
  /** @type {(ended: any) => void} */
  let end = () => {};
  const run = () =>
    new Promise((resolve) => {
      end = resolve;
    });
  const { begin, give, resume, state } = opened({ jobs: [stored()], run });
  await begin();
  const running = resume("j1");
  await new Promise((resolve) => setTimeout(resolve, 1));
  await give(() => onlyOne([FILE]));
  assert.deepEqual([state().job?.id, state().given, state().task.status], ["j1", null, "opening"]);
  assert.match(state().refusal?.message ?? "", /^flights\.csv can’t be taken now\. A job is running/);
  end({ job: stored(), ended: "paused" });
  await running;
  assert.equal(state().refusal, null);
});

test("what goes wrong with a stored job is told", async () => {
  const jobs = [stored(), stored({ id: "j5", status: "done" })];
  const calls = {
    cancel: "end_job",
    startAgain: "take_file",
    remove: "delete_job",
    show: "read_results",
    turn: "read_results",
    turnBad: "read_bad_rows",
    resume: "list_jobs",
  };
  for (const [name, failing] of Object.entries(calls)) {
    let fails = false;
    const actions = opened({ jobs, failing: (/** @type {string} */ type) => fails && type === failing });
    await actions.begin();
    fails = true;
    await /** @type {any} */ (actions)[name](name.startsWith("turn") ? 0 : "j5");
    assert.equal(/** @type {any} */ (actions.state().taskFailure)?.message, `no ${failing}`, name);
    assert.equal(actions.state().task.status, "idle", name);
  }
});

test("the pace is that of the last seconds", () => {
  let task = page.IDLE;
  for (let second = 0; second <= 20; second++) {
    const rows = second < 10 ? second * 10 : 100 + (second - 10) * 1000;
    const progress = { ...stored().progress, good: rows, fraction: second / 40 };
    task = page.advanced(task, stored({ progress }), second * 1000);
  }
  const pace = page.paceOf(task);
  assert.equal(Math.round(Number(pace?.rows_per_s)), 1000);
  assert.equal(Math.round(Number(pace?.left_ms) / 1000), 20);
  assert.equal(page.paceOf(page.IDLE), null);
});

test("the last rate is that of the newest job that is done, of a variant where one is named", () => {
  const progress = { ...stored().progress, good: 900, bad: 100, elapsed_ms: 500 };
  const jobs = [
    stored({ status: "unfinished" }),
    stored({ id: "b", status: "done", progress, variant: "int8" }),
    stored({ id: "c", status: "done", progress: { ...progress, elapsed_ms: 1000 } }),
  ];
  assert.equal(page.lastRate({ jobs, pipeline: "small" })?.rows_per_s, 2000);
  assert.equal(page.lastRate({ jobs, pipeline: "small" }, "fp32")?.rows_per_s, 1000);
  assert.equal(page.lastRate({ jobs, pipeline: "other" }), null);
});

test("samples are files that can be answered, but for the rows that are wrong on purpose", async () => {
  const recorded = await readAll(recordedFile("eta", GOLDEN.records), { rows: 5000 });
  assert.equal(recorded.records.length, GOLDEN.records.length);
  assert.deepEqual(
    recorded.source.columns.map(({ name }) => name),
    Object.keys(GOLDEN.records[0]),
  );
  const drawn = await readAll(drawnFile(CONTRACTS.eta, GOLDEN.records, 12_000), { rows: 5000 });
  assert.equal(drawn.records.length, 12_000);
  assert.deepEqual(
    drawn.records.filter(([, , carrier]) => carrier === "?").map(([row]) => row),
    [4999, 9998],
  );
});
