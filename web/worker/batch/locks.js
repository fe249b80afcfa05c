/** That a job runs in one place at a time. */

const PREFIX = "foreshore-batch-";

/**
 * Do something while nobody else holds a job. A lock ends with its worker, however that ends. Where the page has no locks, as over
 * plain HTTP, the store still refuses the second to take a step.
 *
 * @template T
 * @param {string} id Of the job.
 * @param {() => Promise<T>} act
 * @returns {Promise<T | null>} Null where another holds it.
 */
export async function holding(id, act) {
  if (!navigator.locks) return act();
  return navigator.locks.request(PREFIX + id, { ifAvailable: true }, (lock) => (lock ? act() : null));
}

/** @returns {Promise<string[]>} Ids of the jobs that are held, whoever holds them. */
export async function elsewhere() {
  const held = (await navigator.locks?.query())?.held ?? [];
  return held.flatMap(({ name = "" }) => (name.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : []));
}
