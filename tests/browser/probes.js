// What the tests ask of the public module from inside a page. Served at the site's root, so that it is of the same origin.

/** @typedef {typeof import("../../web/app/foreshore.js")} Foreshore */
/** @typedef {Record<string, any>} Json */

const address = new URL("./foreshore.js", import.meta.url).href;
/** @type {Foreshore} */
const { open, list } = await import(address);

/**
 * What became of a promise: `{ok}` or `{error}` as data.
 *
 * @param {Promise<any>} promise
 */
async function outcome(promise) {
  try {
    return { ok: await promise };
  } catch (error) {
    const { name, kind, message, field, row, problems } = /** @type {any} */ (error);
    return { error: { name, kind, message, field, row, problems } };
  }
}

/**
 * @param {string} name
 * @param {Json} options
 * @param {(predictor: any) => Promise<any>} use
 */
async function withPredictor(name, options, use) {
  const predictor = await open(name, options);
  try {
    return await use(predictor);
  } finally {
    await predictor.close();
  }
}

/** @param {any} predictor */
function facts({ release, variant, engine, threads, timings, contract }) {
  return { release, variant, engine, threads, timings, contract };
}

export function pipelines() {
  return list();
}

/**
 * One answer a record, asked for one after the other.
 *
 * @param {string} name
 * @param {Json} options
 * @param {Json[]} records
 */
export function predictEach(name, options, records) {
  return withPredictor(name, options, async (predictor) => {
    const answers = [];
    for (const record of records) answers.push(await predictor.predict(record));
    return { answers, ...facts(predictor) };
  });
}

/**
 * @param {string} name
 * @param {Json} options
 * @param {Json[]} records
 * @param {number} batchSize
 */
export function predictMany(name, options, records, batchSize) {
  return withPredictor(name, options, async (predictor) => {
    const chunks = [];
    for await (const chunk of predictor.predictMany(records, { batchSize })) chunks.push(chunk);
    return { chunks, ...facts(predictor) };
  });
}

/**
 * What is said to each record, and to a good one afterwards.
 *
 * @param {string} name
 * @param {Json} options
 * @param {Json[]} records
 * @param {Json} good
 */
export function refusals(name, options, records, good) {
  return withPredictor(name, options, async (predictor) => {
    const outcomes = [];
    for (const record of records) outcomes.push(await outcome(predictor.predict(record)));
    return { outcomes, afterwards: await outcome(predictor.predict(good)) };
  });
}

/**
 * What is said to values that a test can't send from outside.
 *
 * @param {string} name
 * @param {Json} options
 * @param {Json} good
 * @param {string} field
 */
export function strangeValues(name, options, good, field) {
  let nested = /** @type {any} */ ([]);
  for (let depth = 0; depth < 100_000; depth++) nested = [nested];
  const circular = /** @type {any} */ ({});
  circular.self = circular;
  const values = {
    nan: Number.NaN,
    infinity: Number.POSITIVE_INFINITY,
    bigint: 10n,
    function: () => 1,
    symbol: Symbol("symbol"),
    date: new Date(0),
    huge: "x".repeat(10_000_000),
    nested,
    circular,
    lone_surrogate: "\ud800",
    nul: "\0",
  };
  return withPredictor(name, options, async (predictor) => {
    const outcomes = /** @type {Json} */ ({});
    for (const [label, value] of Object.entries(values)) {
      outcomes[label] = await outcome(predictor.predict({ ...good, [field]: value }));
    }
    return { outcomes, afterwards: await outcome(predictor.predict(good)) };
  });
}

/**
 * What becomes of calls of a predictor, one after the other or all at once; bytes travel as lists of numbers.
 *
 * @param {string} name
 * @param {Json} options
 * @param {[method: string, ...words: any[]][]} calls
 * @param {boolean} [together]
 */
export function calls(name, options, calls, together = false) {
  return withPredictor(name, options, async (predictor) => {
    const call = ([method, ...words] = /** @type {any[]} */ ([])) => {
      const given = words.map((word) => (word?.bytes ? Uint8Array.from(word.bytes) : word));
      return outcome(predictor[method](...given).then(plain));
    };
    if (together) return Promise.all(calls.map(call));
    const outcomes = [];
    for (const each of calls) outcomes.push(await call(each));
    return outcomes;
  });
}

/** @param {any} value */
function plain(value) {
  return value instanceof Uint8Array ? { bytes: [...value] } : (value ?? null);
}

/**
 * Follows events and gives up in the middle, or closes the predictor.
 *
 * @param {string} name
 * @param {Json} options
 * @param {[string, Json][]} events
 * @param {Json[]} records
 */
export async function stopFollowing(name, options, events, records) {
  const predictor = await open(name, options);
  const controller = new AbortController();
  const aborted = outcome(predictor.follow(/** @type {any} */ (events), records, { signal: controller.signal }));
  controller.abort();
  const stopped = await aborted;
  const afterwards = await outcome(predictor.follow(/** @type {any} */ (events), records, { restart: true }));
  const pending = outcome(predictor.observe(/** @type {any} */ (events)));
  await predictor.close();
  return { stopped, afterwards, pending: await pending, closed: await outcome(predictor.observe([])) };
}

/**
 * Every fraction that `onProgress` was told.
 *
 * @param {string} name
 */
export async function progressOf(name) {
  const told = /** @type {any[]} */ ([]);
  await withPredictor(name, { onProgress: (/** @type {any[]} */ ...words) => told.push(words) }, async () => null);
  return told.map(([first, detail]) => (typeof first === "number" ? { fraction: first, ...detail } : first));
}

/**
 * Cancels once the loading has come so far, then opens again and predicts.
 *
 * @param {string} name
 * @param {number} fraction
 * @param {Json} record
 */
export async function cancelAt(name, fraction, record) {
  const controller = new AbortController();
  const onProgress = (/** @type {any} */ told) => {
    if ((typeof told === "number" ? told : told.fraction) >= fraction) controller.abort();
  };
  const stopped = await outcome(open(name, { signal: controller.signal, onProgress }));
  return { stopped, afterwards: await outcome(predictEach(name, {}, [record])) };
}

/**
 * @param {string} name
 * @param {Json[]} records
 */
export function cancelBatch(name, records) {
  return withPredictor(name, {}, async (predictor) => {
    const controller = new AbortController();
    const answers = /** @type {Json[]} */ ([]);
    const all = async () => {
      for await (const chunk of predictor.predictMany(records, { batchSize: 16, signal: controller.signal })) {
        answers.push(...chunk.answers);
        controller.abort();
      }
    };
    return {
      stopped: await outcome(all()),
      answered: answers.length,
      afterwards: await outcome(predictor.predict(records[0])),
    };
  });
}

/**
 * Uses a predictor after `close()`, and closes it twice.
 *
 * @param {string} name
 * @param {Json} record
 */
export async function useAfterClose(name, record) {
  const predictor = await open(name);
  const pending = outcome(predictor.predict(record));
  await predictor.close();
  const second = await outcome(predictor.close());
  return { pending: await pending, second, after: await outcome(predictor.predict(record)) };
}

/**
 * Opens a predictor and leaves it open, so that a test can look at the page's workers.
 *
 * @param {string} name
 */
export async function openAndHold(name) {
  held.push(await open(name));
}

export async function release() {
  for (const predictor of held.splice(0)) await predictor.close();
}

/** @type {any[]} */
const held = [];

/**
 * @param {string} name
 * @param {Json} options
 */
export function tryToOpen(name, options) {
  return outcome(open(name, options).then((predictor) => predictor.close()));
}
