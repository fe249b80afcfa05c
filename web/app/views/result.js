// The prediction of one flight: in words, on the gauge, beside what happened.

import { html, nothing } from "lit/html.js";
import { missText } from "../flights.js";
import { clockAfter, delayText } from "../format.js";
import { gaugeView } from "./gauge.js";

/** @typedef {import("../foreshore.js").Answer} Answer */

/**
 * @typedef {object} ResultModel
 * @property {Answer} answer
 * @property {number | null} actual minutes; null if there is no outcome to compare with
 * @property {string} missing why there is none, "" if there is one
 * @property {string} scheduledArrival "HH:MM"
 * @property {number | null} usualError minutes
 */

/** @param {ResultModel} model */
export function resultView({ answer, actual, missing, scheduledArrival, usualError }) {
  const predicted = Number(answer.arrival_delay_min);
  return html`
    <p class="prediction" data-testid="prediction" data-value=${predicted}>${delayText(predicted)}</p>
    <p class="prediction-clock">${clockText(scheduledArrival, predicted)}</p>
    ${gaugeView({ predicted, actual, usualError })}
    <p class="outcome" data-testid="outcome">${actual === null ? missing : outcomeView(actual, predicted)}</p>
    ${usualError === null ? nothing : html`<p class="hint">The shaded strip is the model’s average error, ${Math.round(usualError)} min to each side.</p>`}
  `;
}

/**
 * @param {string} scheduled
 * @param {number} minutes
 */
function clockText(scheduled, minutes) {
  const { time, days } = clockAfter(scheduled, minutes);
  const day = days === 0 ? "" : days > 0 ? " the next day" : " the day before";
  return `about ${time}${day}, scheduled ${scheduled} local time`;
}

/**
 * @param {number} actual
 * @param {number} predicted
 */
function outcomeView(actual, predicted) {
  return html`<span class="buoy-dot" aria-hidden="true"></span> It was <strong>${delayText(actual)}</strong>:
    ${missText(predicted, actual)}.`;
}
