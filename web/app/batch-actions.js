// What a visitor of the Batch page can do, and what follows. No DOM.

import { matched, remapped } from "../shared/matching.js";
import { pipelineOf } from "../shared/release.js";
import { drawnFile, recordedFile } from "./batch/samples.js";
import {
  advanced,
  firstState,
  fittingOptions,
  hindrance,
  IDLE,
  inputsOf,
  jobsWith,
  obstacle,
  occupation,
  PAGE_ROWS,
  usualOptions,
} from "./batch-state.js";
import { Refusal } from "./refusal.js";

/** @typedef {import("../shared/jobs.js").Job} Job */
/** @typedef {import("../shared/release.js").Release} Release */
/** @typedef {import("./batch/crew.js").BatchCrew} BatchCrew */
/** @typedef {import("./batch-state.js").BatchState} BatchState */
/** @typedef {import("./batch-state.js").Options} Options */

/** Rows of a file's beginning that are looked at before it is run. */
const HEAD_ROWS = 500;
const DRAWN_ROWS = 100_000;
const TIMED_RUNS = 5;

/**
 * @typedef {object} Storage
 * @property {() => Promise<BatchState["storage"]>} estimate
 * @property {() => Promise<unknown>} persist asks the browser to keep what is stored here
 *
 * @typedef {object} Needs
 * @property {() => Promise<{ release: Release, base: string }>} openRelease
 * @property {(release: Release, base: string, listening: import("./batch/crew.js").Listening) => Pick<BatchCrew, "ask" | "prepare" | "run" | "time">} hireCrew
 * @property {(url: string) => Promise<unknown>} readJson
 * @property {Storage} storage
 * @property {number} mostThreads
 * @property {string} wanted pipeline, "" for the first that reads tables
 * @property {(state: BatchState) => void} onChange
 * @property {(file: Blob, name: string) => void} save
 * @property {() => number} now_ms
 */

/** @param {Needs} needs */
export function createBatch(needs) {
  let state = firstState();
  /** @type {{ release: Release, base: string, crew: ReturnType<Needs["hireCrew"]> } | null} */
  let opened = null;

  /** @param {Partial<BatchState>} patch */
  const change = (patch) => {
    state = { ...state, ...patch };
    needs.onChange(state);
  };

  const crew = () => {
    if (opened === null) throw new Error("the release is not open yet");
    return opened.crew;
  };

  /** @param {Job} job */
  const onJob = (job) => {
    const shown = state.job?.id === job.id ? job : state.job;
    change({ task: advanced(state.task, job, needs.now_ms()), jobs: jobsWith(state, job), job: shown });
  };

  const onOpening = (/** @type {number} */ fraction) => {
    if (state.task.status === "opening") change({ task: { ...state.task, fraction } });
  };

  const refresh = async () => {
    const { jobs, elsewhere } = await crew().ask({ type: "list_jobs" });
    const job = jobs.find(({ id }) => id === state.job?.id) ?? null;
    const own = state.task.status === "idle" ? "" : (state.job?.id ?? "");
    change({
      jobs,
      job,
      elsewhere: new Set(elsewhere.filter((id) => id !== own)),
      storage: await needs.storage.estimate(),
    });
  };

  /** @param {string} name */
  const choosePipeline = (name) => {
    const offer = opened?.release.pipelines[name] ?? null;
    const options = offer ? usualOptions(offer, needs.mostThreads) : state.options;
    change({ pipeline: name, offer, options, given: null, speeds: [], refusal: null, fileFailure: null });
  };

  const begin = async () => {
    change({ status: "loading", failure: null });
    try {
      const { release, base } = await needs.openRelease();
      opened = { release, base, crew: needs.hireCrew(release, base, { onJob, onOpening }) };
      const pipelines = pipelinesOf(release);
      change({ release: release.id, pipelines, mostThreads: needs.mostThreads });
      const first =
        pipelines.find(({ name }) => name === needs.wanted) ?? pipelines.find(({ images }) => !images.length);
      choosePipeline(needs.wanted || (first?.name ?? ""));
      await refresh();
      change({ status: "ready" });
      const left = state.jobs.find((job) => job.status === "unfinished" && job.pipeline === state.pipeline);
      if (left) await show(left.id);
    } catch (failure) {
      change({ status: "error", failure });
    }
  };

  /** Opens what will answer while the visitor still looks at the columns; what goes wrong is told once it is needed. */
  const prepare = () => {
    const { given, options, pipeline } = state;
    if (given !== null && occupation(state) === "")
      crew()
        .prepare({ pipeline, ...options })
        .catch(() => {});
  };

  /** @param {File} file */
  const read = async (file) => {
    change({ reading: true, refusal: null, fileFailure: null, speeds: [] });
    try {
      const found = await crew().ask({ type: "inspect_file", file, name: file.name, rows: HEAD_ROWS });
      const names = found.columns.map(({ name }) => name);
      const mapping = state.offer ? matched(inputsOf(state.offer.contract), names) : {};
      change({
        reading: false,
        given: { file, ...found },
        mapping,
        carried: names,
        job: occupation(state) === "" ? null : state.job,
        said: `${file.name} is read.`,
      });
    } catch (fileFailure) {
      change({ reading: false, fileFailure, given: null });
    }
  };

  /** @param {() => { file: File }} take gives what came, or throws why it is no file */
  const give = async (take) => {
    if (state.offer === null || opened === null) return;
    try {
      const { file } = take();
      const occupied = occupation(state);
      if (occupied !== "") throw new Refusal(`${file.name} can’t be taken now.`, occupied);
      await read(file);
    } catch (reason) {
      if (!(reason instanceof Refusal)) throw reason;
      change({ refusal: reason });
    }
  };

  /** @param {"recorded" | "drawn"} kind */
  const trySample = async (kind) => {
    const { offer, pipeline } = state;
    if (!offer?.golden || opened === null) return;
    try {
      const golden = /** @type {{ records: Record<string, unknown>[] }} */ (
        await needs.readJson(opened.base + offer.golden)
      );
      const { records } = golden;
      await read(
        kind === "recorded" ? recordedFile(pipeline, records) : drawnFile(offer.contract, records, DRAWN_ROWS),
      );
    } catch (fileFailure) {
      change({ fileFailure });
    }
  };

  const timeVariants = async () => {
    const { given, offer, options, pipeline, mapping } = state;
    if (given === null || offer === null || occupation(state) !== "") return;
    change({ speeds: [], taskFailure: null });
    try {
      for (const { name } of offer.variants.filter(({ graph }) => graph)) {
        change({ timing: name });
        const choice = { pipeline, variant: name, engine: /** @type {const} */ ("graph"), threads: options.threads };
        const asked = { file: given.file, name: given.file.name, mapping };
        const { rows, samples_ms } = await crew().time(choice, asked, TIMED_RUNS);
        if (samples_ms.length > 0)
          change({ speeds: [...state.speeds, { variant: name, rows_per_s: (1000 * rows) / median(samples_ms) }] });
      }
      change({ timing: "" });
      prepare();
    } catch (taskFailure) {
      change({ timing: "", taskFailure });
    }
  };

  /** @param {Job} job */
  const run = async (job) => {
    change({ job, task: { ...IDLE, status: "opening" }, taskFailure: null, stopped: "", jobs: jobsWith(state, job) });
    change({ said: `${job.name} is running.`, ...emptyPages() });
    try {
      const { job: now, ended } = await crew().run(job);
      const stopped = ended === "full" || ended === "elsewhere" ? ended : "";
      change({ task: IDLE, refusal: null, stopped, job: now, jobs: jobsWith(state, now), said: SAID[ended] });
    } catch (taskFailure) {
      change({ task: IDLE, refusal: null, taskFailure });
    }
    await refresh().catch(() => {}); // what went wrong is told already
    if (state.job?.id === job.id)
      await show(job.id).catch((failure) => change({ taskFailure: state.taskFailure ?? failure }));
  };

  /** @param {import("../shared/jobs.js").JobFacts} facts @param {Blob} file */
  const create = async (facts, file) => {
    change({ task: { ...IDLE, status: "preparing" }, taskFailure: null, stopped: "" });
    try {
      await needs.storage.persist();
      const { job } = await crew().ask({ type: "create_job", facts, file });
      return job;
    } catch (taskFailure) {
      change({ task: IDLE, taskFailure });
      return null;
    }
  };

  const start = async () => {
    const { given, offer } = state;
    if (obstacle(state) !== "" || given === null || offer === null) return;
    const job = await create(factsOf(state, given, offer.contract.outputs), given.file);
    if (job === null) return;
    change({ given: null });
    await run(job);
  };

  /** @param {string} id */
  const resume = async (id) => {
    await refresh();
    const job = state.jobs.find((each) => each.id === id);
    if (job === undefined) return;
    if (hindrance(state, job) === "") await run(job);
    else change({ job, stopped: state.elsewhere.has(id) ? "elsewhere" : "" });
  };

  const pause = async () => {
    change({ task: { ...state.task, status: "pausing" } });
    await crew().ask({ type: "pause_job" });
  };

  /** Ends a job for good; what it has answered stays. @param {string} id */
  const cancel = async (id) => {
    if (state.task.status !== "idle" && state.job?.id === id) {
      await pause();
      await settled();
    }
    await crew().ask({ type: "end_job", job: id, status: "cancelled" });
    change({ said: "The job has ended. What it has answered stays." });
    await refresh();
    await show(id);
  };

  /** Once nothing runs any more. */
  const settled = async () => {
    while (state.task.status !== "idle") await new Promise((resolve) => setTimeout(resolve, 20));
  };

  /** The same file from its beginning, with the release of now. @param {string} id */
  const startAgain = async (id) => {
    const before = state.jobs.find((each) => each.id === id);
    if (before === undefined || opened === null || occupation(state) !== "") return;
    const offer = pipelineOf(opened.release, before.pipeline);
    const { file } = await crew().ask({ type: "take_file", job: id });
    if (occupation(state) !== "") return; // begun meanwhile
    const known = offer.variants.some(({ name }) => name === before.variant);
    const facts = {
      ...factsAlone(before),
      release: opened.release.id,
      variant: known ? before.variant : offer.default_variant,
    };
    const job = await create({ ...facts, outputs: offer.contract.outputs }, file);
    if (job !== null) await run(job);
  };

  /** @param {string} id */
  const remove = async (id) => {
    await crew().ask({ type: "delete_job", job: id });
    change({ job: state.job?.id === id ? null : state.job, said: "The job and its results are deleted." });
    await refresh();
  };

  /** @param {string} id */
  const show = async (id) => {
    const job = state.jobs.find((each) => each.id === id);
    if (job === undefined) return;
    const stopped = state.job?.id === id ? state.stopped : "";
    change({ job, stopped, ...(state.job?.id === id ? {} : emptyPages()) });
    await Promise.all([turn(0), turnBad(0)]);
  };

  /** @param {number} from */
  const turn = async (from) => {
    const { job } = state;
    if (job === null) return;
    const begin = Math.max(0, Math.min(from, job.progress.good - 1));
    const { rows } = await crew().ask({ type: "read_results", job: job.id, start: begin, count: PAGE_ROWS });
    if (state.job?.id === job.id) change({ results: { start: begin, rows } });
  };

  /** @param {number} from */
  const turnBad = async (from) => {
    const { job } = state;
    if (job === null) return;
    const begin = Math.max(0, Math.min(from, job.progress.problems - 1));
    const { rows } = await crew().ask({ type: "read_bad_rows", job: job.id, start: begin, count: PAGE_ROWS });
    if (state.job?.id === job.id) change({ badRows: { start: begin, rows } });
  };

  /** @param {"csv" | "parquet" | "bad"} what */
  const save = async (what) => {
    const { job } = state;
    if (job === null || state.saving) return;
    change({ saving: true });
    const stem = job.name.replace(/\.[^.]*$/, "");
    const name = what === "bad" ? `${stem}.bad.csv` : `${stem}.answered.${what}`;
    try {
      const asked =
        what === "bad" ? /** @type {const} */ ({ type: "save_bad_rows", job: job.id }) : savingOf(job.id, what);
      needs.save((await crew().ask(asked)).file, name);
      change({ saving: false, said: `${name} is saved.` });
    } catch (taskFailure) {
      change({ saving: false, taskFailure });
    }
  };

  /**
   * @template {unknown[]} A
   * @param {(...given: A) => Promise<void>} act
   * @returns {(...given: A) => Promise<void>} the same, what goes wrong being told beside the job
   */
  const telling =
    (act) =>
    async (...given) => {
      if (state.taskFailure !== null) change({ taskFailure: null });
      try {
        await act(...given);
      } catch (taskFailure) {
        change({ taskFailure });
      }
    };

  return {
    ...{ state: () => state, begin, choosePipeline, give, trySample, timeVariants, refresh, start, save },
    ...{ resume: telling(resume), pause: telling(pause), cancel: telling(cancel), startAgain: telling(startAgain) },
    ...{ remove: telling(remove), show: telling(show), turn: telling(turn), turnBad: telling(turnBad) },
    /** @param {string} field @param {string | null} column */
    remap: (field, column) => change({ mapping: remapped(state.mapping, field, column) }),
    /** @param {string} column @param {boolean} isCarried */
    carry: (column, isCarried) => {
      const carried = (state.given?.columns ?? []).map(({ name }) => name);
      change({ carried: carried.filter((name) => (name === column ? isCarried : state.carried.includes(name))) });
    },
    /** @param {Partial<Options>} patch */
    choose: (patch) => {
      if (state.offer === null) return;
      const speeds = patch.threads === undefined ? state.speeds : [];
      change({ options: fittingOptions(state.offer, { ...state.options, ...patch }), speeds });
      prepare();
    },
    /** Puts the file away, so that another can be chosen. */
    putAway: () => change({ given: null, speeds: [], fileFailure: null }),
  };
}

const SAID = {
  done: "The job is done.",
  paused: "The job is paused.",
  full: "The job has stopped: no more may be stored.",
  elsewhere: "The job runs in another tab.",
};

function emptyPages() {
  return { results: { start: 0, rows: [] }, badRows: { start: 0, rows: [] } };
}

/**
 * @param {string} job
 * @param {"csv" | "parquet"} format
 */
function savingOf(job, format) {
  return /** @type {const} */ ({ type: "save_results", job, format });
}

/**
 * @param {BatchState} state
 * @param {import("./batch-state.js").Given} given
 * @param {import("../shared/jobs.js").JobFacts["outputs"]} outputs
 * @returns {import("../shared/jobs.js").JobFacts}
 */
function factsOf({ pipeline, release, options, mapping, carried }, { file, format, rows, columns }, outputs) {
  const { name, size: size_bytes } = file;
  return {
    name,
    size_bytes,
    format,
    rows,
    columns,
    pipeline,
    release,
    ...options,
    mapping,
    carried: [...carried],
    outputs,
  };
}

/** @param {Job} job */
function factsAlone({ id: _, created_ms: __, status: ___, progress: ____, ...facts }) {
  return facts;
}

/** @param {Release} release */
function pipelinesOf(release) {
  return Object.entries(release.pipelines).map(([name, { contract }]) => ({
    name,
    title: contract.title,
    images: contract.fields.filter(({ dtype }) => dtype === "image").map(({ title }) => title),
  }));
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
