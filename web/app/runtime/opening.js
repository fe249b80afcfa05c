/** Opening a pipeline: who is there to answer. */

import { asForeshoreError, ForeshoreError } from "../../shared/errors.js";
import { Cloud, checkCloud, LIMIT_MS, SERVER } from "./cloud.js";
import { GraphEngine, PythonEngine } from "./engines.js";
import { CloudFirst, Device, DeviceFirst, neither, saysUnable } from "./policy.js";
import { checkBrowser } from "./support.js";

/**
 * @typedef {import("../../shared/protocol.js").Spans} Spans
 * @typedef {import("../../shared/release.js").Contract} Contract
 * @typedef {import("./crew.js").Crew} Crew
 * @typedef {import("./engines.js").Engine} Engine
 * @typedef {import("./plan.js").Plan} Plan
 * @typedef {import("./predictor.js").About} About
 *
 * @typedef {import("./policy.js").Opened & {contract: Contract, spans: Spans}} OpenedDevice
 *
 * @typedef {object} Opening
 * @property {Engine} engine
 * @property {About} about
 * @property {Contract} contract
 * @property {Spans} spans
 * @property {import("./lookup.js").Server | null} server
 */

/**
 * Open what a plan asks for, here and, where the plan lets it, on the server.
 *
 * @param {Plan} plan
 * @param {Crew} crew
 * @param {import("./cloud.js").Platform} platform
 * @param {AbortSignal} signal
 * @param {number} [limit_ms] How long a server that is there waits for the device.
 * @returns {Promise<Opening>}
 * @throws {ForeshoreError} of the device where there is nobody to answer in its place; "unsupported" where a server is to answer first
 *   and there is none.
 */
export async function openedBy(plan, crew, platform, signal, limit_ms = LIMIT_MS) {
  const opening = openDevice(plan, crew, signal);
  if (plan.cloud === null) return { ...(await opening), server: null };
  opening.catch((error) => crew.dismiss(asForeshoreError(error))); // what it holds is of no use
  const cloud = new Cloud(plan.cloud, platform, crew.signal);
  const device = new Device(opening);
  const found = await (plan.cloudFirst
    ? cloudFirst(plan.cloud, opening, platform, limit_ms)
    : deviceFirst(plan.cloud, opening, platform));
  const engine = plan.cloudFirst ? new CloudFirst(device, cloud) : new DeviceFirst(device, cloud);
  const { release, variant } = plan.about;
  const alone = { about: { release, variant, ...SERVER }, contract: plan.pipeline.contract, spans: {} };
  return { ...(found ?? alone), engine, server: { cloud, device } };
}

/**
 * @param {Plan} plan
 * @param {Crew} crew
 * @param {AbortSignal} signal
 * @returns {Promise<OpenedDevice>}
 */
async function openDevice(plan, crew, signal) {
  checkBrowser();
  const { calls, python, model } = await crew.open(plan, signal);
  const { encoding, contract } = plan.pipeline;
  const about = { ...plan.about, threads: model.threads, provider: model.provider };
  if (calls.python && python) {
    const engine = new PythonEngine(calls.python, encoding);
    return { engine, about, contract: JSON.parse(python.contract), spans: { ...python.spans, ...model.spans } };
  }
  return { engine: new GraphEngine(calls.model, encoding, contract.segment), about, contract, spans: model.spans };
}

/**
 * @param {NonNullable<Plan["cloud"]>} plan
 * @param {Promise<OpenedDevice>} opening
 * @param {import("./cloud.js").Platform} platform
 * @returns {Promise<OpenedDevice | null>} Null where the device can't, and the server can.
 */
async function deviceFirst(plan, opening, platform) {
  try {
    return await opening;
  } catch (error) {
    const failure = asForeshoreError(error);
    if (!saysUnable(failure) || !plan.consented()) throw failure;
    const found = await checkCloud(plan, platform).catch(asForeshoreError);
    if (found === true) return null;
    throw neither(failure, found || new ForeshoreError("network", `${plan.about}: got no answer`));
  }
}

/**
 * @param {NonNullable<Plan["cloud"]>} plan
 * @param {Promise<OpenedDevice>} opening
 * @param {import("./cloud.js").Platform} platform
 * @param {number} limit_ms
 * @returns {Promise<OpenedDevice | null>} Null where the device can't, or takes long, and the server can.
 */
async function cloudFirst(plan, opening, platform, limit_ms) {
  const device = opening.catch(asForeshoreError);
  const isThere = await checkCloud(plan, platform);
  const found = await (isThere ? within(limit_ms, device) : device);
  if (!(found instanceof ForeshoreError)) return found;
  if (isThere && saysUnable(found)) return null;
  throw found;
}

/**
 * @template T
 * @param {number} limit_ms
 * @param {Promise<T>} promise
 * @returns {Promise<T | null>} Null where it took longer.
 */
async function within(limit_ms, promise) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((/** @type {(value: null) => void} */ resolve) => {
    timer = setTimeout(() => resolve(null), limit_ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
