// Words and numbers as people read them. No DOM.

const MINUTES_A_DAY = 1440;

const numbers = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
const shortDay = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  timeZone: "UTC",
});
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const month = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

/**
 * A number with thousands separators and a true minus sign.
 *
 * @param {number} value
 */
export function numberText(value) {
  return numbers.format(value).replace("-", "−");
}

/**
 * A number with so many decimals, zeros among them: `39` with one is "39.0".
 *
 * @param {number} value
 * @param {number} decimals
 */
export function decimalText(value, decimals) {
  const rounded = Number(value.toFixed(decimals)) + 0; // no minus before a zero
  return rounded
    .toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
    .replace("-", "−");
}

/**
 * Whole minutes as hours and minutes: `84` gives "1 h 24 min".
 *
 * @param {number} minutes not negative
 */
export function spanText(minutes) {
  const whole = Math.round(minutes);
  const hours = Math.floor(whole / 60);
  const rest = whole % 60;
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/**
 * How old something is: "less than a minute", "9 h 20 min", "3 days".
 *
 * @param {number} seconds not negative
 */
export function ageText(seconds) {
  const minutes = seconds / 60;
  if (minutes < 1) return "less than a minute";
  return minutes < 2 * MINUTES_A_DAY ? spanText(minutes) : countText(Math.round(minutes / MINUTES_A_DAY), "day");
}

/**
 * A delay in words: "14 min late", "6 min early", "on time".
 *
 * @param {number} minutes negative is early
 */
export function delayText(minutes) {
  const whole = Math.round(minutes);
  if (whole === 0) return "on time";
  return `${spanText(Math.abs(whole))} ${whole > 0 ? "late" : "early"}`;
}

/**
 * The clock so many minutes after a given time.
 *
 * @param {string} time "HH:MM"
 * @param {number} minutes may be negative
 * @returns {{ time: string, days: number }} `days` is -1 before midnight, 1 after the next one
 */
export function clockAfter(time, minutes) {
  const [hours = 0, rest = 0] = time.split(":").map(Number);
  const total = hours * 60 + rest + Math.round(minutes);
  const days = Math.floor(total / MINUTES_A_DAY);
  const within = total - days * MINUTES_A_DAY;
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return { time: `${two(Math.floor(within / 60))}:${two(within % 60)}`, days };
}

/**
 * Bytes in decimal units: "54 kB", "7.2 MB", "10.7 GB".
 *
 * @param {number} bytes
 */
export function bytesText(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
  return bytes < 999_950_000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/**
 * A duration with as many digits as matter: "0.42 ms", "3.1 ms", "240 ms", "1.4 s".
 *
 * @param {number} milliseconds
 */
export function durationText(milliseconds) {
  if (milliseconds >= 999.5) return `${(milliseconds / 1000).toFixed(1)} s`;
  if (milliseconds >= 10) return `${Math.round(milliseconds)} ms`;
  return `${milliseconds.toFixed(milliseconds >= 1 ? 1 : 2)} ms`;
}

/**
 * "Saturday 5 October" for "2013-10-05"; the short form is "Sat 5 Oct".
 *
 * @param {string} day ISO 8601
 * @param {"long" | "short"} [length]
 */
export function dayText(day, length = "long") {
  const format = length === "long" ? weekday : shortDay;
  return format.format(new Date(`${day}T00:00:00Z`)).replace(",", "");
}

/**
 * "5 October 2013" for "2013-10-05".
 *
 * @param {string} day ISO 8601
 */
export function dateText(day) {
  return date.format(new Date(`${day}T00:00:00Z`));
}

/**
 * "5 October 2013, 12:30 UTC" for "2013-10-05T12:30Z".
 *
 * @param {string} moment as records carry it
 */
export function datetimeText(moment) {
  const [day = "", time = ""] = moment.split("T");
  return `${dateText(day)}, ${time.replace("Z", " UTC")}`;
}

/**
 * "October 2013" for "2013-10-05".
 *
 * @param {string} day ISO 8601
 */
export function monthText(day) {
  return month.format(new Date(`${day}T00:00:00Z`));
}

/**
 * `one` for 1, else `many`, after the number: "1 flight", "2 flights".
 *
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function countText(count, one, many = `${one}s`) {
  return `${numberText(count)} ${count === 1 ? one : many}`;
}

/** @type {Record<string, string>} */
const PHASES = {
  release: "Reading the release",
  python_download: "Loading Python",
  python_start: "Starting Python",
  python_packages: "Loading NumPy and the pipeline’s code",
  pipeline: "Preparing the pipeline",
  model_download: "Loading the model and its runtime",
  model_start: "Starting the model",
  model_warm_up: "Warming up",
};

/**
 * What is being loaded, in words; an unknown phase stands for itself.
 *
 * @param {string} [phase]
 */
export function phaseText(phase) {
  return phase === undefined ? "Starting" : (PHASES[phase] ?? `Loading ${phase.replaceAll("_", " ")}`);
}
