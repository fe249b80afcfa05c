// What was predicted of each flight, and when: the course that its forecast took. No DOM.

/** @typedef {import("./agenda.js").Ask} Ask */
/** @typedef {import("./agenda.js").Moment} Moment */
/** @typedef {import("../foreshore.js").Outputs} Outputs */
/** @typedef {Record<string, number | null>} Context */

/**
 * @typedef {object} Course
 * @property {readonly { at_min: number, delay_min: number }[]} points predictions in order of time
 * @property {Readonly<Partial<Record<Moment, number>>>} moments what was predicted at each, in minutes of delay
 * @property {Context} context what the windows held for the flight at the last prediction
 *
 * @typedef {ReadonlyMap<string, Course>} Courses by flight
 */

/** @type {Course} */
const NOTHING = { points: [], moments: {}, context: {} };

/**
 * The courses with some answers more.
 *
 * @param {Courses} courses
 * @param {readonly Ask[]} asks in order of time
 * @param {readonly Outputs[]} answers
 * @param {readonly Context[]} contexts
 * @returns {Courses}
 */
export function withAnswers(courses, asks, answers, contexts) {
  const next = new Map(courses);
  asks.forEach((ask, place) => {
    const delay_min = Number(answers[place]?.arrival_delay_min);
    next.set(ask.flight.id, extended(next.get(ask.flight.id) ?? NOTHING, ask, delay_min, contexts[place] ?? {}));
  });
  return next;
}

/**
 * @param {Course} course
 * @param {Ask} ask
 * @param {number} delay_min
 * @param {Context} context
 * @returns {Course}
 */
function extended({ points, moments }, { at_min, moments: met }, delay_min, context) {
  const before = points.at(-1)?.at_min === at_min ? points.slice(0, -1) : points;
  return {
    points: [...before, { at_min, delay_min }],
    moments: { ...moments, ...Object.fromEntries(met.map((moment) => [moment, delay_min])) },
    context,
  };
}

/**
 * The newest prediction of a flight; null if there is none yet.
 *
 * @param {Courses} courses
 * @param {string} id
 */
export function newest(courses, id) {
  return courses.get(id)?.points.at(-1) ?? null;
}
