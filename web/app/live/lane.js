// One piece of work at a time; of what is wished for meanwhile, only the newest wish is kept. No DOM.

/**
 * @template Wish
 * @param {(wish: Wish) => Promise<void>} work never rejects
 */
export function createLane(work) {
  /** @type {Wish | null} */
  let next = null;
  /** @type {Promise<void> | null} */
  let running = null;

  const drain = async () => {
    while (next !== null) {
      const wish = next;
      next = null;
      await work(wish);
    }
    running = null;
  };

  return {
    busy: () => running !== null,
    /** @param {Wish} wish @returns {Promise<void>} settled once nothing is left to do */
    ask: (wish) => {
      next = wish;
      running ??= drain();
      return running;
    },
  };
}
