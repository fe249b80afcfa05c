// What the plots are drawn of: exam, size, threads, batch, provider.

import { live } from "lit/directives/live.js";
import { html, nothing } from "lit/html.js";
import { WORST, words } from "../../compression/facts.js";
import { countText } from "../../format.js";

/** @typedef {import("../../compression/points.js").Choice} Choice */
/** @typedef {{ choose: (patch: Partial<Choice>) => unknown }} Choosing */

const PROVIDERS = /** @type {Record<string, string>} */ ({ wasm: "CPU (WebAssembly)", webgpu: "GPU (WebGPU)" });

/**
 * @param {{ exams: string[], threads: number[], batches: number[], providers: string[] }} options
 * @param {Choice} choice
 * @param {Choosing} actions
 */
export function controlsView({ exams, threads, batches, providers }, choice, { choose }) {
  const onExam = (/** @type {Event} */ event) =>
    choose({ exam: /** @type {HTMLSelectElement} */ (event.target).value });
  return html`
    <div class="tradeoff-controls">
      <div class="exam">
        <label for="exam">Quality in</label>
        <select id="exam" data-testid="exam" @change=${onExam}>
          ${exams.length > 1 ? html`<option value=${WORST} ?selected=${choice.exam === WORST}>the exam where each does worst</option>` : nothing}
          ${exams.map((exam) => html`<option value=${exam} ?selected=${exam === choice.exam}>${words(exam)}</option>`)}
        </select>
      </div>
      ${switchView(
        "size",
        "Size",
        [
          { value: "raw", title: "as it is" },
          { value: "brotli", title: "as sent (brotli)" },
        ],
        choice.size,
        (size) => choose({ size }),
      )}
      ${switchView("batch", "Rows a run", batches.map(plain), choice.batch, (batch) => choose({ batch }))}
      ${choice.provider === "webgpu" ? nothing : switchView("threads", "Threads", threads.map(plain), choice.threads, (count) => choose({ threads: count }))}
      ${
        providers.length > 1
          ? switchView(
              "provider",
              "Runs on",
              providers.map((value) => ({ value, title: PROVIDERS[value] ?? value })),
              choice.provider,
              (provider) => choose({ provider }),
            )
          : nothing
      }
    </div>
  `;
}

/** @param {number} value */
function plain(value) {
  return { value, title: String(value) };
}

/**
 * @template {string | number} T
 * @param {string} name
 * @param {string} legend
 * @param {readonly { value: T, title: string }[]} options
 * @param {T} chosen
 * @param {(value: T) => unknown} onChoose
 */
function switchView(name, legend, options, chosen, onChoose) {
  return html`
    <fieldset data-testid=${`choose-${name}`}>
      <legend>${legend}</legend>
      <div class="switch">
        ${options.map(
          ({ value, title }) => html`<label>
            <input type="radio" name=${name} value=${value} .checked=${live(value === chosen)} @change=${() => onChoose(value)} />
            <span>${title}</span>
          </label>`,
        )}
      </div>
    </fieldset>
  `;
}

/**
 * "a batch of 256 on 1 thread", as sentences need it.
 *
 * @param {Choice} choice
 */
export function placeText({ batch, threads, provider }) {
  return `${countText(batch, "row")} a run on ${provider === "webgpu" ? "the GPU" : countText(threads, "thread")}`;
}
