/** Downloads that are checked against their hash, tried again, counted and cancellable. */

import { asForeshoreError, cancelled, ForeshoreError } from "./errors.js";

/** Waits before the second, third and fourth try. */
export const RETRY_DELAYS_MS = [300, 1000, 3000];

/** A connection that gives nothing for so long is given up, and counts as a failed try. */
export const STALL_MS = 30_000;

/**
 * @typedef {import("./platform.js").Platform} Platform
 * @typedef {import("./platform.js").Signal} Signal
 * @typedef {import("./platform.js").Reply} Reply
 * @typedef {import("./platform.js").FetchOptions} FetchOptions
 * @typedef {import("./release.js").Wanted} Wanted
 *
 * @typedef {object} DownloadOptions
 * @property {Signal} [signal]
 * @property {(loaded_bytes: number) => void} [onBytes] Told the decoded bytes had so far; starts anew with each try.
 */

/**
 * A file's bytes, the ones that were promised.
 *
 * Network failures are tried again; so, once and past the browser's cache, is a file with another content.
 *
 * @param {Wanted} wanted
 * @param {Platform} platform
 * @param {DownloadOptions} [options]
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 * @throws {ForeshoreError} "network" where no try got through, "artefact" where the content is missing or another,
 *   "cancelled" by the signal.
 */
export function download(wanted, platform, { signal, onBytes } = {}) {
  return persist(platform, signal, (cache) => downloadOnce(wanted, platform, { signal, onBytes }, cache));
}

/**
 * A JSON file that has no promised hash and is asked for anew each time: a channel.
 *
 * @param {string} url
 * @param {Platform} platform
 * @param {{signal?: Signal, onReply?: (reply: Reply) => void}} [options] `onReply` sees the headers of what is then read.
 * @returns {Promise<unknown>}
 */
export function downloadJson(url, platform, { signal, onReply } = {}) {
  return persist(platform, signal, async () => {
    const reply = await request(url, platform, { cache: "no-cache", signal });
    onReply?.(reply);
    return parseJson(await readAll(reply, { url, sha256: "", size_bytes: null }, platform, {}), url, platform);
  });
}

/**
 * @param {Uint8Array} bytes UTF-8.
 * @param {string} url For the message.
 * @param {Platform} platform
 * @returns {unknown}
 */
export function parseJson(bytes, url, platform) {
  try {
    return JSON.parse(new platform.TextDecoder().decode(bytes));
  } catch (error) {
    throw new ForeshoreError("artefact", `${url}: ${error}; expected JSON`, { cause: error });
  }
}

/**
 * @template T
 * @param {Platform} platform
 * @param {Signal | undefined} signal
 * @param {(cache: "default" | "reload") => Promise<T>} attempt
 * @returns {Promise<T>}
 */
async function persist(platform, signal, attempt) {
  for (let tried = 0; ; tried++) {
    /** @type {ForeshoreError} */
    let failure;
    try {
      return await attempt(tried ? "reload" : "default");
    } catch (error) {
      failure = signal?.aborted ? cancelled(signal.reason) : asForeshoreError(error, "network");
    }
    if (tried >= triesWorthMaking(failure)) throw failure;
    await pause(RETRY_DELAYS_MS[tried], platform, signal);
  }
}

/** @param {ForeshoreError} failure */
function triesWorthMaking(failure) {
  if (failure.kind === "network") return RETRY_DELAYS_MS.length;
  return failure.kind === "artefact" ? 1 : 0;
}

/**
 * @param {Wanted} wanted
 * @param {Platform} platform
 * @param {DownloadOptions} options
 * @param {"default" | "reload"} cache
 */
async function downloadOnce(wanted, platform, { signal, onBytes }, cache) {
  if (!platform.crypto.subtle) return downloadByIntegrity(wanted, platform, { signal, onBytes }, cache);
  const reply = await request(wanted.url, platform, { cache, signal });
  const bytes = await readAll(reply, wanted, platform, { onBytes });
  const sha256 = hex(new Uint8Array(await platform.crypto.subtle.digest("SHA-256", bytes)));
  if (sha256 !== wanted.sha256) throw otherContent(wanted, `sha256 ${sha256}`);
  return bytes;
}

/**
 * Without `crypto.subtle` the browser's own check serves; it holds the bytes back to the end and gives a wrong hash and a
 * broken connection the same error, so a second request without it has to tell the two apart.
 *
 * @param {Wanted} wanted
 * @param {Platform} platform
 * @param {DownloadOptions} options
 * @param {"default" | "reload"} cache
 */
async function downloadByIntegrity(wanted, platform, { signal, onBytes }, cache) {
  const integrity = `sha256-${platform.btoa(String.fromCharCode(...unhex(wanted.sha256)))}`;
  const checked = request(wanted.url, platform, { cache, signal, integrity });
  const reply = await checked.catch(async (error) => {
    await request(wanted.url, platform, { signal });
    throw signal?.aborted ? error : otherContent(wanted, "another content");
  });
  return readAll(reply, wanted, platform, { onBytes });
}

/**
 * @param {string} url
 * @param {Platform} platform
 * @param {FetchOptions} options
 * @returns {Promise<Reply>}
 */
async function request(url, platform, options) {
  const reply = await within(STALL_MS, platform, url, platform.fetch(url, options));
  if (reply.ok) return reply;
  const again = reply.status >= 500 || reply.status === 408 || reply.status === 429;
  const advice = again ? "try again later" : "the site is not complete; publish the release anew";
  throw new ForeshoreError(
    again ? "network" : "artefact",
    `${url}: got status ${reply.status}, expected 200; ${advice}`,
  );
}

/**
 * @param {Reply} reply
 * @param {Wanted} wanted
 * @param {Platform} platform
 * @param {{onBytes?: (loaded_bytes: number) => void}} options
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function readAll(reply, wanted, platform, { onBytes }) {
  const reader = reply.body?.getReader();
  const chunks = /** @type {Uint8Array[]} */ ([]);
  let loaded = 0;
  onBytes?.(loaded);
  while (reader) {
    const { done, value } = await within(STALL_MS, platform, wanted.url, reader.read());
    if (done || !value) break;
    chunks.push(value);
    loaded += value.length;
    if (loaded > (wanted.size_bytes ?? Number.POSITIVE_INFINITY)) throw await tooLong(reader, wanted);
    onBytes?.(loaded);
  }
  if (loaded !== (wanted.size_bytes ?? loaded)) throw otherContent(wanted, `${loaded} bytes`);
  return joined(chunks, loaded);
}

/**
 * @param {import("./platform.js").Reader} reader
 * @param {Wanted} wanted
 */
async function tooLong(reader, wanted) {
  await reader.cancel();
  return otherContent(wanted, `more than ${wanted.size_bytes} bytes`);
}

/**
 * @param {Wanted} wanted
 * @param {string} got
 */
function otherContent(wanted, got) {
  const size = wanted.size_bytes === null ? "" : `${wanted.size_bytes} bytes with `;
  const advice = "the file was changed or cut short on its way; reload the page, or publish the release anew";
  return new ForeshoreError(
    "artefact",
    `${wanted.url}: got ${got}, expected ${size}sha256 ${wanted.sha256}; ${advice}`,
  );
}

/**
 * @template T
 * @param {number} limit_ms
 * @param {Platform} platform
 * @param {string} url
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
async function within(limit_ms, platform, url, promise) {
  /** @type {any} */
  let timer;
  const late = new Promise((_resolve, reject) => {
    const failure = new ForeshoreError(
      "network",
      `${url}: nothing came for ${limit_ms / 1000} s; check the connection`,
    );
    timer = platform.setTimeout(() => reject(failure), limit_ms);
  });
  try {
    return await Promise.race([promise, /** @type {Promise<never>} */ (late)]);
  } catch (error) {
    if (error instanceof TypeError) throw unreachable(url, error);
    throw error;
  } finally {
    platform.clearTimeout(timer);
  }
}

/**
 * @param {string} url
 * @param {TypeError} cause What `fetch` throws where there is no connection.
 */
function unreachable(url, cause) {
  return new ForeshoreError("network", `${url}: ${cause.message}; check the connection and try again`, { cause });
}

/**
 * @param {number} delay_ms
 * @param {Platform} platform
 * @param {Signal} [signal]
 * @returns {Promise<void>}
 */
function pause(delay_ms, platform, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      platform.clearTimeout(timer);
      reject(cancelled(signal?.reason));
    };
    const timer = platform.setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, delay_ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/**
 * @param {Uint8Array[]} chunks
 * @param {number} length
 */
function joined(chunks, length) {
  const whole = new Uint8Array(length);
  let start = 0;
  for (const chunk of chunks) {
    whole.set(chunk, start);
    start += chunk.length;
  }
  return whole;
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} text Hexadecimal. */
function unhex(text) {
  return Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
