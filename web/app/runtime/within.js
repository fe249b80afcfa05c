/**
 * What some work gives that is given up after a time, or as soon as one of several signals says so.
 *
 * By hand, since `AbortSignal.any` and `AbortSignal.timeout` are younger than the browsers that need a server's help the most.
 *
 * @template T
 * @param {number} limit_ms
 * @param {readonly AbortSignal[]} signals
 * @param {(signal: AbortSignal) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function within(limit_ms, signals, work) {
  const ending = new AbortController();
  const late = new DOMException(`there was no answer within ${limit_ms} ms`, "TimeoutError");
  const timer = setTimeout(() => ending.abort(late), limit_ms);
  const followed = signals.map((signal) => {
    const stop = () => ending.abort(signal.reason);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    return () => signal.removeEventListener("abort", stop);
  });
  try {
    return await work(ending.signal);
  } finally {
    clearTimeout(timer);
    for (const leave of followed) leave();
  }
}
