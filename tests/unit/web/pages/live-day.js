// A small day of flights with its news, and a predictor that computes from what it was told: for the tests of a replay.

import { opening } from "../../../../web/app/live/clock.js";

export const DAY = "2013-10-05";
export const OPENS = opening(DAY);

/**
 * Number, origin, tail, scheduled departure and flying time, minutes late when it left and when it landed; null: it never did.
 *
 * @typedef {[number: string, origin: string, tail: string | null, after_opening_min: number, flying_min: number, left: number | null, landed: number | null]} Row
 */

/** @type {Row[]} */
export const ROWS = [
  ["DL1", "JFK", "N1", 60, 120, 5, 2],
  ["UA2", "EWR", "N2", 90, 60, 40, 31],
  ["DL3", "JFK", "N3", 120, 90, null, null],
  ["B64", "JFK", "N4", 150, 120, -5, -12],
  ["DL5", "JFK", "N1", 300, 120, 25, null],
  ["UA6", "EWR", null, 600, 60, 0, 4],
];

/** @param {readonly Row[]} [rows] */
export function sampleOf(rows = ROWS) {
  const record_fields = ["carrier", "origin", "destination", "departure_delay_min", "tail"];
  return /** @type {import("../../../../web/app/flights.js").DaySample} */ ({
    day: DAY,
    flight: rows.map(([number]) => number),
    record_fields,
    columns: {
      carrier: rows.map(([number]) => number.slice(0, 2)),
      origin: rows.map(([, origin]) => origin),
      destination: rows.map(() => "LAX"),
      departure_delay_min: rows.map(([, , , , , left]) => left),
      tail: rows.map(([, , tail]) => tail),
    },
    scheduled_departure_min: rows.map(([, , , after]) => OPENS + after),
    scheduled_arrival_min: rows.map(([, , , after, flying]) => OPENS + after + flying),
    actual_arrival_delay_min: rows.map((row) => row[6]),
  });
}

/** @param {readonly Row[]} [rows] @param {string} [day] @param {number} [opens] */
export function eventsOf(rows = ROWS, day = DAY, opens = OPENS) {
  const departures = rows.flatMap((row) =>
    row[5] === null ? [] : [eventOf(row, day, opens + row[3] + row[5], row[5])],
  );
  const arrivals = rows.flatMap((row) =>
    row[6] === null ? [] : [eventOf(row, day, opens + row[3] + row[4] + row[6], row[6])],
  );
  return { day, departures: columnsOf(departures), arrivals: columnsOf(arrivals) };
}

/** @param {Row} row @param {string} day @param {number} at_min @param {number} delay_min */
function eventOf([number, origin, tail], day, at_min, delay_min) {
  const carrier = number.slice(0, 2);
  const times = { event_time_min: at_min, known_time_min: at_min };
  return { id: `${day}${number}${origin}`, ...times, carrier, origin, destination: "LAX", tail, delay_min };
}

/** @param {Record<string, string | number | null>[]} events */
function columnsOf(events) {
  const sorted = [...events].sort((one, other) => Number(one.known_time_min) - Number(other.known_time_min));
  const names = Object.keys(eventOf(["", "", null, 0, 0, 0, 0], "", 0, 0));
  return Object.fromEntries(names.map((name) => [name, sorted.map((event) => event[name] ?? null)]));
}

/** The day before, with one flight that lands after midnight. */
export const EVE = eventsOf([["DL9", "JFK", "N9", 1140, 240, 60, 45]], "2013-10-04", OPENS - 1440);

/** @returns {any} */
export function samplesOf(rows = ROWS) {
  return {
    days: async () => [DAY, "2013-10-06"],
    day: async () => sampleOf(rows),
    events: async (/** @type {string} */ day) => (day === DAY ? eventsOf(rows) : EVE),
  };
}

/** @param {string} asked_at */
const minute = (asked_at) => Date.parse(asked_at) / 60_000;

/**
 * A predictor that keeps its promises: it says that a flight will be as late as it left or, before that, as the flights were
 * on average that its airport saw leave since the stream began. It refuses questions that come out of order, and drops what
 * it has seen before.
 */
export function meanPredictor() {
  /** @type {{ known: Map<string, any>, clock: number, calls: { events: any[], records: any[], restart: boolean }[] }} */
  const inner = { known: new Map(), clock: Number.NEGATIVE_INFINITY, calls: [] };

  const intake = () => ({
    accepted: /** @type {Record<string, number>} */ ({ departures: 0, arrivals: 0 }),
    dropped: {
      departures: /** @type {Record<string, number>} */ ({}),
      arrivals: /** @type {Record<string, number>} */ ({}),
    },
  });
  const push = (/** @type {["departures" | "arrivals", any]} */ [type, event], /** @type {any} */ taken) => {
    const key = type + event.id;
    inner.clock = Math.max(inner.clock, event.known_time_min);
    if (inner.known.has(key)) taken.dropped[type].duplicate = (taken.dropped[type].duplicate ?? 0) + 1;
    else taken.accepted[type] += 1;
    inner.known.set(key, { type, ...event });
  };
  const answer = (/** @type {any} */ record) => {
    const at = minute(record.asked_at);
    if (at < inner.clock) throw new Error(`asked_at: got ${at}, expected ${inner.clock} or later`);
    inner.clock = at;
    const seen = [...inner.known.values()].filter(
      ({ type, origin }) => type === "departures" && origin === record.origin,
    );
    const mean = seen.length === 0 ? null : seen.reduce((sum, { delay_min }) => sum + delay_min, 0) / seen.length;
    return { context: { mean_delay: mean }, delay: record.departure_delay_min ?? mean ?? 0 };
  };

  return {
    inner,
    follow: async (/** @type {any[]} */ events, /** @type {any[]} */ records, { restart = false } = {}) => {
      inner.calls.push({ events, records, restart });
      if (restart) Object.assign(inner, { known: new Map(), clock: Number.NEGATIVE_INFINITY });
      const taken = intake();
      const rest = [...events];
      const told = records.map((record) => {
        while (rest.length > 0 && rest[0][1].known_time_min <= minute(record.asked_at)) push(rest.shift(), taken);
        return answer(record);
      });
      for (const event of rest) push(event, taken);
      const answers = told.map(({ delay }) => ({ arrival_delay_min: delay }));
      return { answers, context: told.map(({ context }) => context), intake: taken };
    },
    stored: async (/** @type {any} */ { flight }) =>
      flight === "UA6" ? null : { outputs: { arrival_delay_min: 10 }, as_of_min: OPENS },
  };
}
