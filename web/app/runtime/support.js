/** What a browser must have, and what a page may ask for. */

import { ForeshoreError } from "../../shared/errors.js";
import { isRecord } from "../../shared/records.js";

/** A module with one SIMD instruction: `v128.const`, `i8x16.popcnt`. */
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/** More threads than this gain nothing on models of the size that browsers run. */
const MOST_THREADS = 4;

/** @throws {ForeshoreError} "unsupported" where the browser lacks or forbids something without which nothing works. */
export function checkBrowser() {
  const missing = missingAbility();
  if (!missing) return;
  const advice = "use a current version of Chrome, Edge, Firefox or Safari, with nothing of it switched off";
  throw new ForeshoreError("unsupported", `this browser has no ${missing}; ${advice}`);
}

function missingAbility() {
  if (typeof WebAssembly !== "object") return "WebAssembly";
  if (typeof Worker !== "function") return "web workers";
  if (!WebAssembly.validate(SIMD)) return "WebAssembly SIMD";
  checkPolicy();
  return null;
}

function checkPolicy() {
  try {
    new WebAssembly.Module(SIMD);
  } catch (error) {
    const advice = "add 'wasm-unsafe-eval' to script-src of its Content-Security-Policy";
    throw new ForeshoreError("unsupported", `this site forbids WebAssembly (${error}); ${advice}`, { cause: error });
  }
}

/**
 * @param {string | URL | undefined} base
 * @returns {string} The site's root, with a slash at its end.
 */
export function siteRoot(base) {
  const root = new URL(base ?? "../", base === undefined ? import.meta.url : document.baseURI);
  if (!root.pathname.endsWith("/")) root.pathname += "/";
  return sameOrigin(root, "base").href;
}

/**
 * @param {readonly string[]} wheels
 * @returns {string[]} Their URLs.
 */
export function wheelUrls(wheels) {
  return wheels.map((wheel) => {
    const url = sameOrigin(new URL(wheel, document.baseURI), "wheels");
    if (url.pathname.endsWith(".whl")) return url.href;
    throw invalid("wheels", wheel, "the URL of a pure-Python wheel, ending in .whl");
  });
}

/**
 * @param {number | undefined} threads
 * @returns {number} 1 where the page is not cross-origin isolated.
 */
export function threadsToUse(threads) {
  const wanted = threads ?? Math.min(navigator.hardwareConcurrency, MOST_THREADS);
  if (!Number.isInteger(wanted) || wanted < 1) throw invalid("threads", threads, "an integer from 1 on");
  return globalThis.crossOriginIsolated ? wanted : 1;
}

/**
 * @template {string} T
 * @param {string} option Its name.
 * @param {unknown} value
 * @param {readonly T[]} known The first is the default.
 * @returns {T}
 */
export function oneOf(option, value, known) {
  const found = value === undefined ? known[0] : known.find((each) => each === value);
  if (found === undefined) throw invalid(option, value, `one of: ${known.join(", ")}`);
  return found;
}

/**
 * @param {string} option
 * @param {unknown} got
 * @param {string} expected
 */
export function invalid(option, got, expected) {
  return new ForeshoreError("validation", `${option}: got ${shown(got)}, expected ${expected}`, { field: option });
}

/** @param {unknown} value */
function shown(value) {
  if (isRecord(value)) return "an object";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/**
 * @param {URL} url
 * @param {string} option
 */
function sameOrigin(url, option) {
  if (url.origin === location.origin) return url;
  throw invalid(option, url.href, `a URL on this page's own origin, ${location.origin}; serve the files from there`);
}
