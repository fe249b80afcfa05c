/** The site's own server, as a page may ask it: never without the visitor's consent. */

import { encode } from "../../shared/encoding.js";
import { asForeshoreError, ForeshoreError } from "../../shared/errors.js";
import { recordsToJson } from "../../shared/records.js";
import { invalid } from "./support.js";
import { now_ms } from "./timings.js";
import { within } from "./within.js";

/**
 * @typedef {import("../../shared/release.js").EncodingTable} EncodingTable
 * @typedef {import("./engines.js").Engine} Engine
 * @typedef {import("./engines.js").Outputs} Outputs
 *
 * @typedef {object} CloudPlan
 * @property {string} about URL of what the server knows of the pipeline.
 * @property {string} predict URL that takes records.
 * @property {string} lookup URL that takes a record whose answer may have been computed ahead.
 * @property {string} release Id of the release whose answers are wanted, no other's.
 * @property {EncodingTable} encoding
 * @property {() => boolean} consented Whether the visitor agrees, now, that records leave the device.
 *
 * @typedef {object} Platform
 * @property {(url: string, options: RequestInit) => Promise<Response>} fetch
 *
 * @typedef {object} Patience
 * @property {number} limit_ms The server is given up where it has not answered for so long.
 * @property {number} pause_ms Once given up, it rests for so long.
 *
 * @typedef {object} Looked What the server had of a record.
 * @property {Outputs} outputs
 * @property {boolean} precomputed Whether it was computed ahead.
 * @property {string} as_of When it was computed, in UTC.
 * @property {number} age_s
 * @property {{engine: "cloud", variant: string, threads: number, provider: "cpu"}} by
 */

/** The server is given up where it has not answered for so long. */
export const LIMIT_MS = 5000;
/** Once given up, it is left alone for so long, where the device can do without it. */
export const PAUSE_MS = 30_000;
/** What a server is said to answer with; one that answered ahead of time does not say what on. */
export const SERVER = /** @type {const} */ ({ engine: "cloud", threads: 1, provider: "cpu" });
const NOT_OFFERED = 404;
const CHANCES = new Set([408, 429, 500, 502, 503, 504]);

/**
 * What the page says of the visitor's consent, as a question that can be asked anew each time.
 *
 * @param {unknown} consent
 * @returns {(() => boolean) | null} Null where there is none and none will be.
 * @throws {ForeshoreError} "validation" for what is no consent.
 */
export function agreement(consent) {
  if (consent === undefined || consent === false) return null;
  if (consent === true) return () => true;
  if (typeof consent === "function") return () => consent() === true;
  const expected = "true, false, or a function that tells whether the visitor agrees that records leave the device";
  throw invalid("consent", consent, expected);
}

/**
 * Where a pipeline is asked in the cloud.
 *
 * @param {string} base The site's root.
 * @param {import("../../shared/release.js").Release} release
 * @param {string} name
 * @param {string} variant
 * @param {() => boolean} consented
 * @returns {CloudPlan}
 */
export function cloudPlan(base, release, name, variant, consented) {
  const about = `${base}api/pipelines/${name}`;
  const query = `?variant=${encodeURIComponent(variant)}`;
  const { encoding } = release.pipelines[name];
  return {
    ...{ about, predict: `${about}/predict${query}`, lookup: `${about}/lookup${query}` },
    ...{ release: release.id, encoding, consented },
  };
}

/**
 * Ask whether the site has a server that answers, without telling it anything.
 *
 * @param {Pick<CloudPlan, "about">} plan
 * @param {Platform} platform
 * @param {number} [limit_ms]
 * @returns {Promise<boolean>} False for one that can't be reached now, and may be later.
 * @throws {ForeshoreError} "unsupported" where there is none, or it wants a key, which a page can't keep secret.
 */
export async function checkCloud({ about }, platform, limit_ms = LIMIT_MS) {
  const reply = await within(limit_ms, [], (signal) => platform.fetch(about, { signal })).catch(() => null);
  if (reply?.ok) return true;
  if (!reply || CHANCES.has(reply.status)) return false;
  const advice = 'serve the site with its own server, without keys, or open with engine "auto"';
  throw new ForeshoreError("unsupported", `${about}: got status ${reply.status}, expected 200; ${advice}`);
}

/** Asks the server. Whatever it does but answer, as released and in time, is an error. */
export class Cloud {
  #plan;
  #platform;
  #patience;
  #life;
  #rests_until_ms = 0;

  /**
   * @param {CloudPlan} plan
   * @param {Platform} platform
   * @param {AbortSignal} life Ends what is under way.
   * @param {Patience} [patience]
   */
  constructor(plan, platform, life, patience = { limit_ms: LIMIT_MS, pause_ms: PAUSE_MS }) {
    this.#plan = plan;
    this.#platform = platform;
    this.#life = life;
    this.#patience = patience;
  }

  /** Whether the visitor agrees, now. */
  get consented() {
    return this.#plan.consented();
  }

  /** Whether it failed lately. */
  get rests() {
    return now_ms() < this.#rests_until_ms;
  }

  /**
   * What is wrong is refused here, in the words of the device, and sent to nobody.
   *
   * @param {readonly unknown[]} records
   * @param {number} first_row
   * @throws {ForeshoreError} "validation".
   */
  check(records, first_row) {
    encode(this.#plan.encoding, records, first_row);
  }

  /**
   * @param {readonly unknown[]} records Checked.
   * @param {AbortSignal} [signal]
   * @returns {ReturnType<Engine["answers"]>}
   */
  async predict(records, signal) {
    const asked_ms = now_ms();
    const told = await this.#ask(this.#plan.predict, recordsToJson(records), signal);
    if (told.answers?.length !== records.length) throw this.#rest(incomplete(this.#plan.predict));
    const prepare = { start_ms: asked_ms, end_ms: asked_ms };
    const spans = { prepare, run: { start_ms: asked_ms, end_ms: now_ms() } };
    return { outputs: told.answers, spans, by: { ...SERVER, threads: told.threads, provider: told.provider } };
  }

  /**
   * @param {unknown} record Checked.
   * @param {number | undefined} max_age_s
   * @param {AbortSignal} [signal]
   * @returns {Promise<Looked>}
   */
  async lookup(record, max_age_s, signal) {
    const query = max_age_s === undefined ? "" : `&max_age_s=${max_age_s}`;
    const told = await this.#ask(this.#plan.lookup + query, recordsToJson([record]).slice(1, -1), signal);
    const { answer, precomputed, as_of, age_s, variant, threads = SERVER.threads } = told;
    if (!answer || typeof precomputed !== "boolean") throw this.#rest(incomplete(this.#plan.lookup));
    return { outputs: answer, precomputed, as_of, age_s, by: { ...SERVER, variant, threads } };
  }

  /**
   * @param {string} url
   * @param {string} body
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  async #ask(url, body, signal) {
    if (!this.consented) throw new ForeshoreError("cancelled", `${url}: not asked, for the visitor does not agree`);
    const ends = signal ? [this.#life, signal] : [this.#life];
    const headers = { "Content-Type": "application/json" };
    try {
      const told = await within(this.#patience.limit_ms, ends, async (ending) => {
        const reply = await this.#platform.fetch(url, { method: "POST", headers, body, signal: ending });
        if (reply.status === NOT_OFFERED) throw refused(url, reply);
        if (!reply.ok) throw this.#rest(refused(url, reply));
        return reply.json();
      });
      if (told.release === this.#plan.release) return told;
      throw this.#rest(
        new ForeshoreError("artefact", `${url}: got release ${told.release}, expected ${this.#plan.release}`),
      );
    } catch (error) {
      if (signal?.aborted || error instanceof ForeshoreError) throw error;
      throw this.#rest(asForeshoreError(error, "network"));
    }
  }

  /**
   * @template E
   * @param {E} error
   */
  #rest(error) {
    this.#rests_until_ms = now_ms() + this.#patience.pause_ms;
    return error;
  }
}

/**
 * @param {string} url
 * @param {Response} reply
 */
function refused(url, { status }) {
  return new ForeshoreError("network", `${url}: got status ${status}, expected 200`);
}

/** @param {string} url */
function incomplete(url) {
  return new ForeshoreError("artefact", `${url}: got an answer that is not whole, expected one for each record`);
}
