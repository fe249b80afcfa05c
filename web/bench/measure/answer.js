/** Answers, whatever they are: how far one is from another, and how it reads. */

/**
 * @typedef {{index: number, score: number}} Ranked
 * @typedef {number | readonly Ranked[]} Answer A number, or the highest scores, the highest first.
 */

/**
 * Distance as `numpy.allclose` sees it: absolute for small numbers, relative above 1; infinite for a NaN. Of rankings it
 * is the largest of any score's.
 *
 * @param {Answer | undefined} answer
 * @param {Answer} expected
 * @returns {number}
 */
export function difference(answer, expected) {
  if (typeof expected === "number")
    return typeof answer === "number" ? numbersApart(answer, expected) : Number.POSITIVE_INFINITY;
  if (!Array.isArray(answer) || answer.length !== expected.length) return Number.POSITIVE_INFINITY;
  return Math.max(
    0,
    ...expected.map((ranked) => scoreApart(ranked, answer)),
    ...answer.map((ranked) => scoreApart(ranked, expected)),
  );
}

/**
 * @param {number} value
 * @param {number} expected
 */
function numbersApart(value, expected) {
  const distance = Math.abs(value - expected) / Math.max(1, Math.abs(expected));
  return Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
}

/**
 * What is not listed scores no more than the last that is: two that are nearly equal may change places at the end of a list.
 *
 * @param {Ranked} ranked
 * @param {readonly Ranked[]} others Not empty.
 */
function scoreApart({ index, score }, others) {
  const listed = others.find((other) => other.index === index);
  return numbersApart(score, listed?.score ?? Math.min(score, others[others.length - 1].score));
}

/**
 * @param {Answer | undefined} answer
 * @returns {string}
 */
export function answerText(answer) {
  if (typeof answer !== "object") return String(answer);
  return answer.map(({ index, score }) => `${index}: ${score.toPrecision(3)}`).join(", ");
}
