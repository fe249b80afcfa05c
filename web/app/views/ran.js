// What runs on this device: what answered and how fast, the choice of variant, and what was downloaded for it.

import { live } from "lit/directives/live.js";
import { html, nothing } from "lit/html.js";
import { failureText, threadsNote } from "../failures.js";
import { bytesText, durationText } from "../format.js";

/** @typedef {import("../foreshore.js").Answer} Answer */
/** @typedef {import("../pipeline-page.js").Surroundings} Surroundings */

/**
 * @typedef {object} Ran
 * @property {Answer | null} answer the last one
 * @property {string} [took] how long that took, where it is not the answer's own time
 * @property {boolean} [windows] whether it knew of events, which Python reads whatever the engine
 * @property {boolean} [reads] whether the page reads events at all
 * @property {string} [given] what the visitor gives, as a sentence begins
 * @property {boolean} [looksUp] whether the page asks the server for answers computed ahead, once the visitor agrees
 */

/**
 * @param {Surroundings} surroundings
 * @param {Ran} ran
 */
export function ranView(surroundings, ran) {
  const note = threadsNote(surroundings.device);
  return html`
    <section class="ran" aria-labelledby="ran-title">
      <h2 id="ran-title">${ran.answer?.engine === "cloud" ? "On this site’s server" : "On this device"}</h2>
      ${ran.answer === null ? nothing : badgeView(ran.answer, ran)}
      ${ran.answer?.device_error ? inPlaceView(ran.answer.device_error) : nothing}
      ${engineView(surroundings)}
      ${variantView(surroundings)}
      ${surroundings.offer.server.includes("predict") ? consentView(surroundings, ran) : nothing}
      ${note === "" ? nothing : html`<p class="notice" data-testid="threads-note">${note}</p>`}
      <p class="privacy" data-testid="privacy">${privacyText(surroundings, ran)}</p>
    </section>
  `;
}

/**
 * What answered, and how fast.
 *
 * @param {Answer} answer
 * @param {Ran} ran
 */
function badgeView(answer, { took = durationText(answer.latency_ms), windows = false }) {
  const facts = [
    ["Engine", engineName(answer.engine, windows)],
    ["Variant", answer.variant],
    ["Threads", String(answer.threads)],
    ["Ran on", providerName(answer.provider)],
    ["Took", took],
  ];
  return html`
    <dl class="badge" data-testid="badge" aria-label="What answered">
      ${facts.map(([name, value]) => html`<div><dt>${name}</dt> <dd>${value}</dd></div> `)}
    </dl>
  `;
}

/**
 * Why it was not this device that answered.
 *
 * @param {{ kind: string, message: string }} error
 */
function inPlaceView(error) {
  const { title, detail, advice } = failureText(error);
  return html`
    <div class="notice" data-testid="device-error">
      <p>This device could not answer, so this site’s server did. ${title}</p>
      <details><summary>Technical detail</summary><p>${detail || advice}</p></details>
    </div>
  `;
}

/**
 * The page alone knows what was chosen here, and forgets it with the tab.
 *
 * @param {Surroundings} surroundings
 * @param {Ran} ran
 */
function consentView({ session, engine }, { looksUp = false }) {
  const text = looksUp
    ? "Ask this site’s server for answers computed ahead, and where this device can’t answer. Your input then leaves the device."
    : "If this device can’t, ask this site’s server. Your input then leaves the device.";
  return html`
    <label class="consent">
      <input
        type="checkbox"
        data-testid="consent"
        .checked=${live(session.consent)}
        @change=${(/** @type {Event} */ { target }) => engine.agree(/** @type {HTMLInputElement} */ (target).checked)}
      />
      <span>${text}</span>
    </label>
  `;
}

/**
 * @param {string} engine
 * @param {boolean} windows
 */
function engineName(engine, windows) {
  if (engine === "cloud") return "This site’s server";
  if (engine === "python") return "Python, in this page";
  return windows ? "One graph, after Python’s windows" : "One graph, no Python";
}

/** @param {string} provider */
function providerName(provider) {
  const names = /** @type {Record<string, string>} */ ({
    wasm: "CPU (WebAssembly)",
    webgpu: "GPU (WebGPU)",
    cpu: "Server’s processor",
  });
  return names[provider] ?? provider;
}

/** The first is what the release takes where every variant has it. */
const ENGINES = /** @type {const} */ ([
  { name: "graph", title: "Graph", what: "the same, compiled" },
  { name: "python", title: "Python", what: "as it trained the model" },
]);

/** @param {Surroundings} surroundings */
function engineView({ offer, session, engine }) {
  if (!offer.variants.every(({ graph }) => graph)) return nothing;
  const chosen = session.engine === "auto" ? ENGINES[0].name : session.engine;
  return html`
    <fieldset class="variants" data-testid="engines">
      <legend>Engine</legend>
      <div class="switch">
        ${ENGINES.map(
          ({ name, title, what }) => html`<label>
            <input type="radio" name="engine" value=${name} .checked=${live(name === chosen)} @change=${() => engine.start({ engine: name })} />
            <span>${title} <span class="aside">${what}</span></span>
          </label>`,
        )}
      </div>
    </fieldset>
  `;
}

/** @param {Surroundings} surroundings */
function variantView({ offer, session, engine }) {
  const chosen = session.variant || offer.default_variant;
  return html`
    <fieldset class="variants" data-testid="variants">
      <legend>Model variant</legend>
      <div class="switch">
        ${offer.variants.map(
          ({ name, size_bytes }) => html`<label>
            <input type="radio" name="variant" value=${name} .checked=${live(name === chosen)} @change=${() => engine.start({ variant: name })} />
            <span>${name} <span class="aside">${bytesText(size_bytes)}</span></span>
          </label>`,
        )}
      </div>
    </fieldset>
  `;
}

const inWords = new Intl.ListFormat("en-GB");

/**
 * @param {Surroundings} surroundings
 * @param {Ran} ran
 */
function privacyText({ offer, session }, { answer, reads = false, given = "What you type", looksUp = false }) {
  const { progress, status, predictor } = session;
  const bytes = progress?.total_bytes ?? 0;
  const size = status === "ready" && bytes > 0 ? ` (${bytesText(bytes)} unpacked)` : "";
  const python = (predictor?.engine ?? session.engine) === "python";
  const downloads = [
    `${python ? "Python, NumPy, ONNX Runtime" : "ONNX Runtime"} and the model${size}`,
    ...(offer.view?.historical.length ? ["tables of what was usual"] : []),
    ...(reads ? ["any day of flights you look at"] : []),
    ...(reads && !python ? ["Python and NumPy to read what happened on it"] : []),
  ];
  const stays = `${given} and what is predicted ${whereabouts(session.consent, answer?.engine === "cloud", looksUp)}`;
  return `${stays} The page downloads ${inWords.format(downloads)}, all from this site alone.`;
}

/**
 * Where what the visitor gives goes to.
 *
 * @param {boolean} consent
 * @param {boolean} answered by the server
 * @param {boolean} looksUp
 */
function whereabouts(consent, answered, looksUp) {
  const keeps = "this site’s server, which keeps none of it";
  if (answered) return `went to ${keeps}.`;
  if (!consent) return "never leaves this device.";
  return looksUp ? `goes to ${keeps}.` : `stays on this device as long as that can answer; else it goes to ${keeps}.`;
}
