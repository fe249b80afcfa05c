// What runs on this device: what answered and how fast, the choice of variant, and what was downloaded for it.

import { live } from "lit/directives/live.js";
import { html, nothing } from "lit/html.js";
import { threadsNote } from "../failures.js";
import { bytesText, durationText } from "../format.js";

/** @typedef {import("../foreshore.js").Answer} Answer */
/** @typedef {import("../pipeline-page.js").Surroundings} Surroundings */
/** @typedef {import("../session.js").SessionState} SessionState */

/**
 * @param {Surroundings} surroundings
 * @param {Answer | null} answer the last one
 */
export function ranView(surroundings, answer) {
  const note = threadsNote(surroundings.device);
  return html`
    <section class="ran" aria-labelledby="ran-title">
      <h2 id="ran-title">On this device</h2>
      ${answer === null ? nothing : badgeView(answer)}
      ${engineView(surroundings)}
      ${variantView(surroundings)}
      ${note === "" ? nothing : html`<p class="notice" data-testid="threads-note">${note}</p>`}
      <p class="privacy" data-testid="privacy">${privacyText(surroundings.session)}</p>
    </section>
  `;
}

/**
 * What answered, and how fast.
 *
 * @param {Answer} answer
 */
function badgeView(answer) {
  const facts = [
    ["Engine", engineName(answer.engine)],
    ["Variant", answer.variant],
    ["Threads", String(answer.threads)],
    ["Ran on", providerName(answer.provider)],
    ["Took", durationText(answer.latency_ms)],
  ];
  return html`
    <dl class="badge" data-testid="badge" aria-label="What answered">
      ${facts.map(([name, value]) => html`<div><dt>${name}</dt> <dd>${value}</dd></div> `)}
    </dl>
  `;
}

/** @param {string} engine */
function engineName(engine) {
  return engine === "python" ? "Python, in this page" : "One graph, no Python";
}

/** @param {string} provider */
function providerName(provider) {
  const names = /** @type {Record<string, string>} */ ({ wasm: "CPU (WebAssembly)", webgpu: "GPU (WebGPU)" });
  return names[provider] ?? provider;
}

const ENGINES = /** @type {const} */ ([
  { name: "python", title: "Python", what: "as it trained the model" },
  { name: "graph", title: "Graph", what: "the same, compiled" },
]);

/** @param {Surroundings} surroundings */
function engineView({ offer, session, engine }) {
  if (!offer.variants.every(({ graph }) => graph)) return nothing;
  return html`
    <fieldset class="variants" data-testid="engines">
      <legend>Engine</legend>
      <div class="switch">
        ${ENGINES.map(
          ({ name, title, what }) => html`<label>
            <input type="radio" name="engine" value=${name} .checked=${live(name === session.engine)} @change=${() => engine.start({ engine: name })} />
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

/** @param {SessionState} session */
function privacyText({ progress, status, engine }) {
  const bytes = progress?.total_bytes ?? 0;
  const size = status === "ready" && bytes > 0 ? ` (${bytesText(bytes)} unpacked)` : "";
  const what = engine === "python" ? "Python, NumPy, ONNX Runtime and the model" : "ONNX Runtime and the model";
  return `What you type and what is predicted never leaves this device. The page downloads ${what}${size}, and any day of sample data you look at, all from this site alone.`;
}
