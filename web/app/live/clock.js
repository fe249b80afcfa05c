// The clock of a replay: minutes since 1970-01-01 UTC, and how New York reads them. No DOM.

const MS_A_MINUTE = 60_000;
const MINUTES_A_DAY = 1440;

/** When a day of the board begins, New York time: before its first flight, after nearly all of yesterday's. */
const OPENS_MIN = 4 * 60;

const newYork = new Intl.DateTimeFormat("en-GB", {
  timeZone: "America/New_York",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/**
 * The time in New York: "14:20".
 *
 * @param {number} at_min
 */
export function newYorkTime(at_min) {
  return newYork.format(at_min * MS_A_MINUTE);
}

/**
 * As a record carries it: "2013-10-05T12:30Z".
 *
 * @param {number} at_min
 */
export function wireTime(at_min) {
  return `${new Date(at_min * MS_A_MINUTE).toISOString().slice(0, 16)}Z`;
}

/**
 * When the board of a day opens: 04:00 in New York.
 *
 * @param {string} day ISO 8601
 */
export function opening(day) {
  const near = Date.parse(`${day}T09:00Z`) / MS_A_MINUTE;
  return near + OPENS_MIN - clockMinutes(newYorkTime(near));
}

/**
 * The minute at which the clocks of New York next show a time, from a day's opening on.
 *
 * @param {string} time "HH:MM"; times before the opening are those after midnight
 * @param {number} opens_min
 */
export function minuteOf(time, opens_min) {
  const since = clockMinutes(time) - OPENS_MIN;
  return opens_min + (since < 0 ? since + MINUTES_A_DAY : since);
}

/** @param {string} time "HH:MM" */
function clockMinutes(time) {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/**
 * The day before: "2013-09-30" for "2013-10-01".
 *
 * @param {string} day ISO 8601
 */
export function dayBefore(day) {
  return new Date(Date.parse(`${day}T00:00Z`) - MINUTES_A_DAY * MS_A_MINUTE).toISOString().slice(0, 10);
}
