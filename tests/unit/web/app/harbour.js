/**
 * An opened pipeline whose workers are services over real message channels. "Python" counts the events that it was told of,
 * and fills `ships` with their number; the "model" answers with what it is fed.
 */

import { Cloud, cloudPlan } from "../../../../web/app/runtime/cloud.js";
import { Context } from "../../../../web/app/runtime/context.js";
import { GraphEngine } from "../../../../web/app/runtime/engines.js";
import { Device, DeviceFirst } from "../../../../web/app/runtime/policy.js";
import { Predictor } from "../../../../web/app/runtime/predictor.js";
import { Calls } from "../../../../web/shared/calls.js";
import { ForeshoreError } from "../../../../web/shared/errors.js";
import { Service } from "../../../../web/shared/service.js";

/** @typedef {Record<string, import("../../../../web/shared/release.js").Wanted>} Folder */

const FIELD = { nullable: true, low: null, high: null, codes: null, expectation: "" };
export const PIPELINE = {
  contract: {
    ...{ name: "tides", clock: "asked_at", segment: null },
    fields: [
      { name: "quay", dtype: "int32" },
      { name: "asked_at", dtype: "datetime" },
    ],
    context: [{ name: "ships" }, { name: "draught" }],
  },
  view: {
    windows: { windows: [{ name: "ships" }] },
    historical: [{ name: "draught" }],
    tables: { quay: ["draught"] },
    derived: [],
  },
  encoding: {
    fields: [
      { ...FIELD, name: "quay", dtype: "int32", column: "int32", nullable: false, expectation: "an integer" },
      { ...FIELD, name: "asked_at", dtype: "datetime", column: "int32" },
      { ...FIELD, name: "ships", dtype: "float32", column: "float32" },
      { ...FIELD, name: "draught", dtype: "float32", column: "float32" },
    ],
    ...{
      others: "only quay, asked_at, ships, draught",
      outputs: [{ name: "height", tensor: "y", labels: [], top: 0 }],
      problems_listed: 9,
    },
  },
};
const ABOUT = { release: "r", variant: "fp32", engine: "graph", threads: 1, provider: "wasm" };
const UNSEEN = -1;

/** Counts events; what a test may ask of it is public. */
class Counter {
  events = 0;
  /** @type {string[]} */
  asked = [];

  /** @param {any} request */
  answer = async (request) => {
    this.asked.push(request.type);
    switch (request.type) {
      case "observe":
        return { value: { intake: JSON.stringify(this.#takeIn(JSON.parse(request.events))) } };
      case "fill":
        return { value: { records: JSON.stringify(this.#filled(request.records)) } };
      case "follow": {
        if (request.restart) this.events = 0;
        const records = this.#filled(request.records);
        return { value: { followed: JSON.stringify({ records, intake: this.#takeIn(JSON.parse(request.events)) }) } };
      }
      case "save_windows":
        return { value: { state: Uint8Array.of(this.events) } };
      case "restore_windows":
        if (request.state.length !== 1) throw new ForeshoreError("artefact", "saved windows: the state is damaged");
        this.events = request.state[0];
        return { value: {} };
      default:
        this.events = 0;
        return { value: {} };
    }
  };

  /** @param {unknown[]} events */
  #takeIn(events) {
    this.events += events.length;
    return { accepted: { ships: events.length }, dropped: {}, outcomes: events.map(() => null), clock_min: 0 };
  }

  /** @param {string} records */
  #filled(records) {
    return JSON.parse(records).map((/** @type {object} */ record) => ({
      ships: this.events,
      draught: null,
      ...record,
    }));
  }
}

/** @param {any} request */
async function runModel({ feeds }) {
  const data = feeds.ships.data.map((/** @type {number} */ value) => (Number.isNaN(value) ? UNSEEN : value));
  return { value: { outputs: { y: { data, dims: [data.length] } }, spans: {} } };
}

/**
 * @param {import("node:test").TestContext} context
 * @param {(request: any) => Promise<any>} handle
 */
function hired(context, handle) {
  const { port1, port2 } = new MessageChannel();
  context.after(() => port1.close());
  const calls = new Calls(/** @type {any} */ (port1));
  const listen = new Service(handle).listener(/** @type {any} */ (port2));
  port1.onmessage = ({ data }) => calls.receive(data);
  port2.onmessage = ({ data }) => listen(data);
  return calls;
}

/**
 * @param {import("node:test").TestContext} context
 * @param {object} [parts]
 * @param {() => Promise<unknown>} [parts.starting] What has to happen before Python is there.
 * @param {object | null} [parts.view]
 * @param {Folder} [parts.history]
 * @param {Folder} [parts.forecasts]
 * @param {{base: string, consented: () => boolean, patience?: import("../../../../web/app/runtime/cloud.js").Patience}} [parts.site]
 *   With a server that may be asked.
 */
export function opened(context, { starting = async () => {}, view = PIPELINE.view, history, forecasts, site } = {}) {
  const counter = new Counter();
  const life = new AbortController();
  const crew = {
    /** @type {Calls | null} */
    python: null,
    model: hired(context, runModel),
    signal: life.signal,
    async startPython() {
      if (crew.python) return crew.python;
      life.signal.throwIfAborted();
      await starting();
      life.signal.throwIfAborted();
      crew.python = hired(context, counter.answer);
      return crew.python;
    },
    end(/** @type {ForeshoreError} */ error) {
      life.abort(error);
      crew.model.fail(error);
      crew.python?.fail(error);
    },
  };
  const pipeline = /** @type {any} */ ({ ...PIPELINE, view });
  const plan = /** @type {any} */ ({
    pipeline,
    windows: {},
    folders: { history: history ?? null, forecasts: forecasts ?? null },
    cloud: site ?? null,
  });
  const engine = new GraphEngine(crew.model, pipeline.encoding, null);
  const filling = new Context(/** @type {any} */ (crew), plan);
  const about = /** @type {any} */ (ABOUT);
  const server = site ? serverOf(site, pipeline, { engine, about }, crew.signal) : null;
  const first = server ? new DeviceFirst(server.device, server.cloud) : engine;
  return { predictor: new Predictor(crew, first, filling, about, pipeline.contract, [], {}, server), counter, crew };
}

/**
 * @param {{base: string, consented: () => boolean, patience?: import("../../../../web/app/runtime/cloud.js").Patience}} site
 * @param {any} pipeline
 * @param {import("../../../../web/app/runtime/policy.js").Opened} device
 * @param {AbortSignal} life
 */
function serverOf({ base, consented, patience }, pipeline, device, life) {
  const release = /** @type {any} */ ({ id: ABOUT.release, pipelines: { tides: pipeline } });
  const plan = cloudPlan(base, release, "tides", ABOUT.variant, consented);
  return { cloud: new Cloud(plan, globalThis, life, patience), device: new Device(Promise.resolve(device)) };
}
