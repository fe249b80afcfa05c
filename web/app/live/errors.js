// How far off three forecasters have been so far: last night's batch, the online model, the airline's schedule. No DOM.

/** @typedef {import("./agenda.js").Moment} Moment */
/** @typedef {import("./courses.js").Courses} Courses */
/** @typedef {import("./flights.js").LiveFlight} LiveFlight */
/** @typedef {"batch" | "online" | "schedule"} Forecaster */
/** @typedef {Record<Forecaster, number>} Errors mean absolute error of each, in minutes; NaN for a forecaster who is not there */
/** @typedef {Errors & { at_min: number, flights: number }} ErrorPoint over the flights landed by then */
/** @typedef {{ delay_min: number, as_of_min: number }} Stored a forecast made ahead, and when */

/** @type {readonly Forecaster[]} */
export const FORECASTERS = ["batch", "online", "schedule"];

/**
 * The running errors, a point for every minute at which a flight landed. All three are held to the same flights: those that
 * landed, and that all three have forecast; without last night's forecasts, the other two are held to theirs.
 *
 * @param {object} day
 * @param {readonly LiveFlight[]} day.flights
 * @param {Courses} day.courses
 * @param {ReadonlyMap<string, Stored>} day.batch by flight
 * @param {Moment} moment which online forecast counts
 * @param {number} until_min
 * @returns {ErrorPoint[]}
 */
export function runningErrors({ flights, courses, batch }, moment, until_min) {
  const sum = { batch: 0, online: 0, schedule: 0 };
  /** @type {Map<number, ErrorPoint>} */
  const points = new Map();
  let count = 0;
  for (const { id, landed } of landings(flights, until_min)) {
    const made = batch.size === 0 ? Number.NaN : batch.get(id)?.delay_min;
    const online = courses.get(id)?.moments[moment];
    if (made === undefined || online === undefined) continue;
    count += 1;
    sum.batch += Math.abs(made - landed.delay_min);
    sum.online += Math.abs(online - landed.delay_min);
    sum.schedule += Math.abs(landed.delay_min);
    points.set(landed.at_min, { at_min: landed.at_min, flights: count, ...means(sum, count) });
  }
  return [...points.values()];
}

/**
 * @param {Errors} sum
 * @param {number} count
 * @returns {Errors}
 */
function means(sum, count) {
  return { batch: sum.batch / count, online: sum.online / count, schedule: sum.schedule / count };
}

/**
 * @param {readonly LiveFlight[]} flights
 * @param {number} until_min
 */
function landings(flights, until_min) {
  const landed = flights.filter((flight) => flight.landed !== null && flight.landed.at_min <= until_min);
  const known = /** @type {(LiveFlight & { landed: import("./flights.js").Happened })[]} */ (landed);
  return known.sort((one, other) => one.landed.at_min - other.landed.at_min);
}

/**
 * The forecasters that there are.
 *
 * @param {ErrorPoint | null} point
 */
export function present(point) {
  return FORECASTERS.filter((name) => point === null || !Number.isNaN(point[name]));
}

/**
 * The running errors at a minute; null before the first landing.
 *
 * @param {readonly ErrorPoint[]} points
 * @param {number} at_min
 */
export function errorsAt(points, at_min) {
  return points.findLast((point) => point.at_min <= at_min) ?? null;
}
