// The prediction of one flight: in words, on the gauge, beside what happened, and what answered.

import { live } from "lit/directives/live.js";
import { html, nothing } from "lit/html.js";
import { missText } from "../flights.js";
import { bytesText, clockAfter, delayText, durationText } from "../format.js";
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

/**
 * What answered, and how fast.
 *
 * @param {Answer} answer
 */
export function badgeView(answer) {
  const facts = [
    ["Engine", engineName(answer.engine)],
    ["Variant", answer.variant],
    ["Threads", String(answer.threads)],
    ["Ran on", providerName(answer.provider)],
    ["Took", durationText(answer.latency_ms)],
  ];
  return html`
    <dl class="badge" data-testid="badge" aria-label="What answered">
      ${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
    </dl>
  `;
}

/** @param {string} engine */
function engineName(engine) {
  return engine === "python" ? "Python, in this page" : engine;
}

/** @param {string} provider */
function providerName(provider) {
  const names = /** @type {Record<string, string>} */ ({ wasm: "CPU (WebAssembly)", webgpu: "GPU (WebGPU)" });
  return names[provider] ?? provider;
}

/**
 * Which variant of the model answers.
 *
 * @param {object} model
 * @param {readonly import("../foreshore.js").Variant[]} model.variants
 * @param {string} model.chosen
 * @param {(name: string) => void} model.onChoose
 */
export function variantView({ variants, chosen, onChoose }) {
  return html`
    <fieldset class="variants" data-testid="variants">
      <legend>Model variant</legend>
      <div class="switch">
        ${variants.map(
          ({ name, size_bytes }) => html`<label>
            <input type="radio" name="variant" value=${name} .checked=${live(name === chosen)} @change=${() => onChoose(name)} />
            <span>${name} <span class="aside">${bytesText(size_bytes)}</span></span>
          </label>`,
        )}
      </div>
    </fieldset>
  `;
}
