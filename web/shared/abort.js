/** Promises that an AbortSignal lets go of. */

import { cancelled } from "./errors.js";

/**
 * What a promise gives, or "cancelled" as soon as the signal is aborted; the work behind the promise goes on.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {import("./platform.js").Signal} [signal]
 * @returns {Promise<T>}
 */
export function abortable(promise, signal) {
  if (!signal) return promise;
  /** @type {() => void} */
  let stop = () => {};
  const aborted = new Promise((_resolve, reject) => {
    stop = () => reject(cancelled(signal.reason));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
  return Promise.race([promise, /** @type {Promise<never>} */ (aborted)]).finally(() =>
    signal.removeEventListener("abort", stop),
  );
}
