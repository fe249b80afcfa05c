/** The engine "cloud": the site's own server answers, and this device where that cannot. */

import { encode } from "../../shared/encoding.js";
import { asForeshoreError, ForeshoreError } from "../../shared/errors.js";
import { recordsToJson } from "../../shared/records.js";
import { invalid } from "./support.js";
import { now_ms } from "./timings.js";

/**
 * @typedef {import("../../shared/release.js").EncodingTable} EncodingTable
 * @typedef {import("./engines.js").Engine} Engine
 *
 * @typedef {object} CloudPlan
 * @property {string} about URL of what the server knows of the pipeline.
 * @property {string} predict URL that takes records.
 * @property {string} release Id of the release whose answers are wanted, no other's.
 * @property {EncodingTable} encoding
 *
 * @typedef {object} Platform
 * @property {(url: string, options: RequestInit) => Promise<Response>} fetch
 */

/** The server is given up where it has not answered for so long. */
export const LIMIT_MS = 5000;
/** Once given up, it is left alone for so long. */
export const PAUSE_MS = 30_000;
const CHANCES = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Where a pipeline is asked in the cloud; nobody's records are sent anywhere without consent.
 *
 * @param {string} base The site's root.
 * @param {import("../../shared/release.js").Release} release
 * @param {string} name
 * @param {string} variant
 * @param {unknown} consent
 * @returns {CloudPlan}
 * @throws {ForeshoreError} "validation" without consent.
 */
export function cloudPlan(base, release, name, variant, consent) {
  if (consent !== true) {
    const expected = 'true with engine "cloud": the visitor has agreed that records go to the server of this site';
    throw invalid("consent", consent, expected);
  }
  const about = `${base}api/pipelines/${name}`;
  const predict = `${about}/predict?variant=${encodeURIComponent(variant)}`;
  return { about, predict, release: release.id, encoding: release.pipelines[name].encoding };
}

/**
 * Ask whether the site has a server that answers, without telling it anything. One that can't be reached now may be later.
 *
 * @param {CloudPlan} plan
 * @param {Platform} platform
 * @throws {ForeshoreError} "unsupported" where there is none, or it wants a key, which a page can't keep secret.
 */
export async function checkCloud({ about }, platform) {
  const reply = await platform.fetch(about, { signal: AbortSignal.timeout(LIMIT_MS) }).catch(() => null);
  if (!reply || reply.ok || CHANCES.has(reply.status)) return;
  const advice = 'serve the site with its own server, without keys, or open with engine "auto"';
  throw new ForeshoreError("unsupported", `${about}: got status ${reply.status}, expected 200; ${advice}`);
}

/** @implements {Engine} */
export class CloudEngine {
  #plan;
  #device;
  #platform;
  #patience;
  #left_alone_until_ms = 0;

  /**
   * @param {CloudPlan} plan
   * @param {Engine} device Answers where the server does not.
   * @param {Platform} platform
   * @param {{limit_ms: number, pause_ms: number}} [patience]
   */
  constructor(plan, device, platform, patience = { limit_ms: LIMIT_MS, pause_ms: PAUSE_MS }) {
    this.#plan = plan;
    this.#patience = patience;
    this.#device = device;
    this.#platform = platform;
  }

  /** @type {Engine["answers"]} */
  async answers(records, first_row, signal) {
    const asked_ms = now_ms();
    encode(this.#plan.encoding, records, first_row); // what is wrong is refused here, and sent to nobody
    if (records.length === 0 || asked_ms < this.#left_alone_until_ms) return this.#onDevice(records, first_row, signal);
    try {
      const told = await this.#ask(records, signal);
      const spans = {
        prepare: { start_ms: asked_ms, end_ms: asked_ms },
        run: { start_ms: asked_ms, end_ms: now_ms() },
      };
      return { outputs: told.answers, spans, by: { engine: "cloud", threads: told.threads, provider: told.provider } };
    } catch (error) {
      if (signal?.aborted) throw asForeshoreError(error);
      this.#left_alone_until_ms = now_ms() + this.#patience.pause_ms;
      return this.#onDevice(records, first_row, signal);
    }
  }

  /** @type {Engine["answers"]} */
  #onDevice(records, first_row, signal) {
    return this.#device.answers(records, first_row, signal);
  }

  /**
   * @param {readonly unknown[]} records
   * @param {AbortSignal} [signal]
   * @returns {Promise<{answers: Record<string, number>[], threads: number, provider: "cpu"}>}
   */
  async #ask(records, signal) {
    const limit = AbortSignal.timeout(this.#patience.limit_ms);
    const options = {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: recordsToJson(records),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    };
    const reply = await this.#platform.fetch(this.#plan.predict, options);
    if (!reply.ok)
      throw new ForeshoreError("network", `${this.#plan.predict}: got status ${reply.status}, expected 200`);
    const told = await reply.json();
    if (told.release === this.#plan.release && told.answers.length === records.length) return told;
    throw new ForeshoreError("artefact", `got an answer of release ${told.release}, expected ${this.#plan.release}`);
  }
}
