// How fast news are taken in, beside the targets.

import { html, nothing } from "lit/html.js";
import { countText, numberText } from "../../app/format.js";
import { tableView } from "./table.js";
import { rangeText, timeText } from "./words.js";

/** @typedef {import("../measure/windows.js").WindowsResult} WindowsResult */

const NUMERIC = { numeric: true };

/**
 * @param {string} pipeline
 * @param {WindowsResult | null} windows
 */
export function windowsView(pipeline, windows) {
  if (windows === null) return nothing;
  return html`
    <section aria-labelledby="${pipeline}-windows-title">
      <h3 id="${pipeline}-windows-title">News as it comes in</h3>
      <p class="aside">
        Events on their way into the windows, through the public API: from the page to the
        Python that keeps the windows, and back.
      </p>
      ${tableView({
        caption: "Events taken in",
        testid: `${pipeline}-windows`,
        columns: [
          { title: "Call" },
          { title: "Median", ...NUMERIC },
          { title: "Spread", ...NUMERIC, hint: "Of all runs; of single calls the middle half" },
          { title: "99%", ...NUMERIC, hint: "99th percentile" },
          { title: "Target", ...NUMERIC },
        ],
        rows: [manyRow(windows), singleRow(windows)],
      })}
    </section>
  `;
}

/** @param {WindowsResult} windows */
function manyRow({ events, events_per_s, target_events_per_s }) {
  const { median, minimum, maximum } = events_per_s;
  const verdict = verdictText(median >= target_events_per_s);
  return {
    label: `${countText(events, "event")} at once`,
    cells: [
      `${rounded(median)} events/s`,
      `${rounded(minimum)} to ${rounded(maximum)}`,
      "–",
      `at least ${numberText(target_events_per_s)} events/s: ${verdict}`,
    ],
  };
}

/** @param {WindowsResult} windows */
function singleRow({ update, target_update_ms }) {
  return {
    label: "One event",
    cells: [
      timeText(update.median),
      rangeText(update.lower_quartile, update.upper_quartile),
      timeText(update.p99),
      `99% under ${timeText(target_update_ms)}: ${verdictText(update.p99 < target_update_ms)}`,
    ],
  };
}

/** @param {boolean} met */
function verdictText(met) {
  return met ? "met" : "missed";
}

/** @param {number} rate */
function rounded(rate) {
  return numberText(Number(rate.toPrecision(3)));
}
