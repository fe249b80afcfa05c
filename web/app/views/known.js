// What a prediction knew of its day, and why it knew nothing where it did not.

import { html } from "lit/html.js";
import { anythingKnown, knownSentences, knownValues } from "../known.js";
import { failureView } from "./loading.js";

/** @typedef {import("../foreshore.js").Contract} Contract */
/** @typedef {import("../arrivals-state.js").ArrivalsState} ArrivalsState */
/** @typedef {NonNullable<ArrivalsState["answered"]>} Answered */

/**
 * @param {Contract} contract
 * @param {ArrivalsState} state
 * @param {() => void} onRetry
 */
export function knownView(contract, state, onRetry) {
  const { answered } = state;
  return html`
    <section class="known" aria-labelledby="known-title" data-testid="known">
      <h3 id="known-title">What was known of the day</h3>
      ${answered?.context ? toldView(contract, answered, answered.context) : untoldView(state, onRetry)}
    </section>
  `;
}

/**
 * @param {Contract} contract
 * @param {Answered} answered
 * @param {NonNullable<Answered["context"]>} context
 */
function toldView(contract, { question }, context) {
  if (!anythingKnown(context)) return html`<p class="hint">Nothing: no events had been read by then.</p>`;
  return html`
    <ul>
      ${knownSentences(contract, question.record, context).map(
        ({ text, known }) => html`<li class=${known ? "told" : "untold"}>${text}</li>`,
      )}
    </ul>
    <details>
      <summary>All ${contract.context.length} values</summary>
      <dl class="facts">
        ${knownValues(contract.context, context).map(
          ({ title, value }) => html`<div><dt>${title}</dt><dd>${value}</dd></div>`,
        )}
      </dl>
    </details>
  `;
}

/**
 * @param {ArrivalsState} state
 * @param {() => void} onRetry
 */
function untoldView({ mode, newsFailure }, onRetry) {
  if (mode === "form")
    return html`<p class="hint">Nothing: a flight of your own is asked about without the day’s news.</p>`;
  if (newsFailure === null) return html`<p class="hint">Not yet: the day’s departures and arrivals are being read…</p>`;
  return html`
    <p class="hint">Nothing: this prediction stands without the day’s news.</p>
    ${failureView(newsFailure, onRetry)}
  `;
}
