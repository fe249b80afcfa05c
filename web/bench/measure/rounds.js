/**
 * Interleaved rounds: every contender takes one turn a round (A B C, B C A, C A B, ...), so that a noisy moment of the
 * machine falls on all of them and not on the one whose block it hits, and nobody always goes first.
 */

/**
 * @typedef {object} RoundsOptions
 * @property {number} rounds
 * @property {AbortSignal} [signal]
 * @property {(done: number, total: number) => void} [onTurn] Called after each turn.
 */

/**
 * @param {number} count Contenders.
 * @param {number} round
 * @returns {number[]} Who goes when: a rotation, reversed every other lap so that neighbours change too.
 */
export function turnOrder(count, round) {
  const order = Array.from({ length: count }, (_, place) => (place + round) % count);
  return Math.floor(round / count) % 2 === 0 ? order : order.reverse();
}

/**
 * Runs every contender once a round.
 *
 * @template Contender, Sample
 * @param {readonly Contender[]} contenders
 * @param {(contender: Contender, round: number) => Promise<Sample>} turn
 * @param {RoundsOptions} options
 * @returns {Promise<Sample[][]>} By contender, then by round.
 */
export async function interleave(contenders, turn, { rounds, signal, onTurn }) {
  /** @type {Sample[][]} */
  const samples = contenders.map(() => []);
  let done = 0;
  for (let round = 0; round < rounds; round++) {
    for (const index of turnOrder(contenders.length, round)) {
      signal?.throwIfAborted();
      samples[index].push(await turn(contenders[index], round));
      onTurn?.(++done, rounds * contenders.length);
    }
  }
  return samples;
}

/**
 * Calls that one sample must hold for the clock's tick to be no more than 1% of it.
 *
 * @param {number} callMs What one call takes, roughly.
 * @param {number} tickMs The clock's resolution.
 * @returns {number} 1 where one call is long enough.
 */
export function callsPerSample(callMs, tickMs) {
  const needed = 100 * tickMs;
  return Math.max(1, Math.ceil(needed / Math.max(callMs, tickMs / 10)));
}

/**
 * Smallest step that a clock was seen to take: browsers round it (5 us with cross-origin isolation, 100 us without).
 *
 * @param {() => number} now Milliseconds.
 * @returns {number} Milliseconds, above 0.
 * @see https://www.w3.org/TR/hr-time-3/#clock-resolution
 */
export function clockTick(now) {
  let smallest = Number.POSITIVE_INFINITY;
  for (let trial = 0; trial < 20; trial++) {
    const start = now();
    let later = start;
    while (later === start) later = now();
    smallest = Math.min(smallest, later - start);
  }
  return smallest;
}
