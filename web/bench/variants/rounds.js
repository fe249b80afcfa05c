/**
 * Rounds in which everybody takes one turn, in an order drawn anew for each: whatever a turn does to the next one (warm
 * caches, busy threads, a hot processor) falls on nobody in particular, where a fixed order would repeat it.
 */

/**
 * @param {number} count
 * @param {() => number} random Uniform in [0, 1).
 * @returns {number[]} 0 to count - 1 in an order in which each is as likely as any other.
 * @see Durstenfeld (1964), Algorithm 235: Random permutation.
 */
export function shuffled(count, random) {
  const order = Array.from({ length: count }, (_, place) => place);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/**
 * @template Sample
 * @param {number} count Of those that take turns.
 * @param {number} rounds
 * @param {() => number} random Uniform in [0, 1).
 * @param {(place: number) => Promise<Sample>} turn
 * @returns {Promise<{orders: number[][], samples: Sample[][]}>} Who went when, by round; samples by place, then by round.
 */
export async function shuffledRounds(count, rounds, random, turn) {
  const orders = Array.from({ length: rounds }, () => shuffled(count, random));
  /** @type {Sample[][]} */
  const samples = Array.from({ length: count }, () => []);
  for (const order of orders) for (const place of order) samples[place].push(await turn(place));
  return { orders, samples };
}
