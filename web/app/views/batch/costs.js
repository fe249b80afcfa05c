// What predictions for everyone cost against predictions for the active: the question, the answer, a chart, and how it was measured.

import { live } from "lit/directives/live.js";
import { html, nothing, render, svg } from "lit/html.js";
import { costsByShare, costsOf, QUESTIONS, SHARES, widestShare } from "../../batch/costs.js";
import { createCosts, demandNow, effortOf, recordedOf } from "../../batch/costs-state.js";
import { ageHoursText, effortText, hoursText, rateText, shareText } from "../../batch/costs-words.js";
import { measureRates } from "../../batch/rates.js";
import { failureText } from "../../failures.js";
import { countText, dateText, durationText, numberText } from "../../format.js";

/** @typedef {import("../../batch/costs.js").Costs} Costs */
/** @typedef {import("../../batch/costs.js").Demand} Demand */
/** @typedef {import("../../batch/costs.js").Effort} Effort */
/** @typedef {import("../../batch/costs-state.js").CostsState} CostsState */
/** @typedef {Pick<import("../../foreshore.js").Offer, "name" | "variants" | "default_variant">} Offered */
/** @typedef {ReturnType<typeof createCosts>} Actions */

/**
 * Show the section in an element of its own.
 *
 * @param {HTMLElement} root
 * @param {object} parts
 * @param {Offered} parts.offer the pipeline
 * @param {typeof import("../../foreshore.js").open} parts.open
 * @param {() => Promise<readonly import("../../fields.js").WireRecord[]>} parts.records real ones, to measure with
 * @param {() => Promise<import("../../batch/costs-state.js").Record | null>} parts.recorded a server's measurement
 * @param {CostsState["lastJob"]} parts.lastJob
 */
export function mountCosts(root, { offer, open, records, recorded, lastJob }) {
  const draw = (/** @type {CostsState} */ state) => render(costsView(state, { offer, actions }), root);
  const measure = async (/** @type {string} */ variant, /** @type {import("../../batch/rates.js").Watch} */ watch) => {
    const predictor = await open(offer.name, { variant, threads: 1, signal: watch.signal });
    try {
      return await measureRates(predictor, await records(), watch);
    } finally {
      await predictor.close();
    }
  };
  const { name, default_variant } = offer;
  const actions = createCosts({ pipeline: name, variant: default_variant, measure, lastJob, onChange: draw });
  draw(actions.state());
  recorded().then(actions.showRecorded, () => {}); // the section is whole without it
  return actions;
}

/** @typedef {{ offer: Offered, actions: Actions }} Surroundings */

/**
 * @param {CostsState} state
 * @param {Surroundings} surroundings
 */
function costsView(state, surroundings) {
  const { demand, problems } = demandNow(state);
  const effort = effortOf(state, surroundings.offer.name);
  return html`
    <section class="costs" aria-labelledby="costs-title" data-testid="costs">
      <h2 id="costs-title">Everyone ahead, or the active when they ask?</h2>
      <p>
        Predictions can be computed for every user in a nightly batch, or for each user who asks, at that moment. Which takes less of a
        processor depends on how many users are active, and on how much faster a model answers many rows at once than one.
      </p>
      <div class="costs-parts">
        <div class="costs-question">
          ${Object.entries(QUESTIONS).map(([name]) => numberView(/** @type {keyof Demand} */ (name), state, problems, surroundings))}
          ${variantView(state, surroundings)} ${placeView(state, surroundings)} ${measureView(state, surroundings)}
        </div>
        <div class="costs-answer">
          <div role="status" data-testid="costs-verdict">${verdictView(demand, effort, state)}</div>
          ${demand === null || effort === null ? nothing : [figuresView(costsOf(demand, effort)), chartView(demand, effort), tableView(demand, effort)]}
        </div>
      </div>
      ${methodView(state, surroundings)}
    </section>
  `;
}

/**
 * @param {keyof Demand} name
 * @param {CostsState} state
 * @param {ReadonlyMap<string, string>} problems
 * @param {Surroundings} surroundings
 */
function numberView(name, { typed }, problems, { actions }) {
  const { title, hint } = QUESTIONS[name];
  const problem = problems.get(name) ?? "";
  const about = problem === "" ? hint : problem;
  return html`
    <div class="field">
      <label for="costs-${name}">${title}</label>
      <input
        id="costs-${name}"
        type="text"
        inputmode="decimal"
        autocomplete="off"
        maxlength="20"
        aria-invalid=${problem === "" ? nothing : "true"}
        aria-describedby=${about === "" ? nothing : `costs-${name}-about`}
        .value=${live(typed[name])}
        @input=${(/** @type {Event} */ { target }) => actions.input(name, /** @type {HTMLInputElement} */ (target).value)}
      />
      ${about === "" ? nothing : html`<p id="costs-${name}-about" class=${problem === "" ? "hint" : "problem"}>${about}</p>`}
    </div>
  `;
}

/**
 * @param {CostsState} state
 * @param {Surroundings} surroundings
 */
function variantView({ variant, task }, { offer, actions }) {
  return html`
    <div class="field">
      <label for="costs-variant">Model variant</label>
      <select
        id="costs-variant"
        ?disabled=${task.status === "running"}
        @change=${(/** @type {Event} */ { target }) => actions.chooseVariant(/** @type {HTMLSelectElement} */ (target).value)}
      >
        ${offer.variants.map(({ name }) => html`<option value=${name} .selected=${live(name === variant)}>${name}</option>`)}
      </select>
    </div>
  `;
}

/**
 * A choice only where something stands beside what is measured with the button.
 *
 * @param {CostsState} state
 * @param {Surroundings} surroundings
 */
function placeView(state, { offer, actions }) {
  const server = state.recorded?.pipelines[offer.name] !== undefined;
  const job = state.lastJob(state.variant) !== null;
  if (!server && !job) return nothing;
  const choice = (
    /** @type {import("../../batch/costs-state.js").Place} */ place,
    /** @type {string} */ title,
  ) => html`<label>
    <input type="radio" name="costs-place" value=${place} .checked=${live(place === state.place)} @change=${() => actions.choosePlace(place)} />
    <span>${title}</span>
  </label>`;
  return html`
    <fieldset>
      <legend>Whose processor</legend>
      <div class="switch">
        ${choice("device", "This device’s")}
        ${job ? choice("job", "This device’s, as in the last job") : nothing}
        ${server ? choice("server", "A server’s, as recorded") : nothing}
      </div>
    </fieldset>
  `;
}

/**
 * @param {CostsState} state
 * @param {Surroundings} surroundings
 */
function measureView({ task, variant, measured }, { actions }) {
  if (task.status === "running") {
    return html`
      <div class="loading">
        <label for="costs-progress">Measuring ${variant}</label>
        <progress id="costs-progress" max="1" .value=${task.fraction}></progress>
        <p><button type="button" data-testid="costs-cancel" @click=${actions.cancel}>Cancel</button></p>
      </div>
    `;
  }
  const failure = task.status === "error" ? failureText(task.failure) : null;
  return html`
    <p>
      <button type="button" class="primary" data-testid="costs-measure" @click=${actions.measure}>
        ${measured[variant] ? "Measure again" : "Measure on this device"}
      </button>
    </p>
    <p class="hint">A few seconds, with real records of the release, of which nothing is sent.</p>
    ${task.status === "cancelled" ? html`<p class="hint" role="status">Measuring was stopped.</p>` : nothing}
    ${failure === null ? nothing : html`<p class="problem" role="alert">${failure.title} ${failure.detail || failure.advice}</p>`}
  `;
}

/**
 * @param {Demand | null} demand
 * @param {Effort | null} effort
 * @param {CostsState} state
 */
function verdictView(demand, effort, { place, variant }) {
  if (demand === null) return html`<p class="nothing">Mend the numbers that are marked, and both costs stand here.</p>`;
  if (effort === null) {
    const what = place === "server" ? "No server was measured" : "Nothing was measured on this device yet";
    return html`<p class="nothing">${what}, with ${variant}. Measure it, and both costs stand here.</p>`;
  }
  const { cheaper, factor, break_even } = costsOf(demand, effort);
  const names = { batch: "Batch for everyone", online: "Online for the active" };
  const times = Number.isFinite(factor)
    ? `: the other takes ${numberText(Number(factor.toPrecision(2)))} times as much`
    : "";
  const even =
    break_even.median > 1
      ? "However many are active, online takes less."
      : `Both cost the same where ${shareText(break_even.median)} of the users are active; with more of them, batch takes less.`;
  return html`<p class="verdict"><strong>${names[cheaper]}</strong> takes less of the processor${times}. ${even}</p>`;
}

/** @param {Costs} costs */
function figuresView({ batch_h, online_h, break_even, age_h }) {
  const even = break_even.median > 1 ? "none" : shareText(break_even.median);
  const range =
    break_even.median > 1 ? "" : `${shareText(break_even.low)} to ${shareText(Math.min(1, break_even.high))}`;
  return html`
    <dl class="costs-figures">
      ${figureView("batch", "Batch for everyone", hoursText(batch_h.median), `a day; ${hoursText(batch_h.low)} to ${hoursText(batch_h.high)}`)}
      ${figureView("online", "Online for the active", hoursText(online_h.median), `a day; ${hoursText(online_h.low)} to ${hoursText(online_h.high)}`)}
      ${figureView("even", "Break-even share", even, range)}
      ${figureView("age", "Age of a batch answer", ageHoursText(age_h), "on average, when it is asked for")}
    </dl>
  `;
}

/**
 * @param {string} id
 * @param {string} title
 * @param {string} value
 * @param {string} aside
 */
function figureView(id, title, value, aside) {
  return html`
    <div data-testid="costs-${id}">
      <dt>${swatch(id)} ${title}</dt>
      <dd>${value} ${aside === "" ? nothing : html`<span class="aside">${aside}</span>`}</dd>
    </div>
  `;
}

/** A line as the chart draws it. @param {string} id */
function swatch(id) {
  if (id !== "batch" && id !== "online") return nothing;
  return html`<svg class="swatch" width="28" height="10" aria-hidden="true"><line class="cost-line ${id}" x1="1" x2="27" y1="5" y2="5" /></svg>`;
}

const HEIGHT = 220;

/**
 * @param {Demand} demand
 * @param {Effort} effort
 */
function chartView(demand, effort) {
  const { break_even } = costsOf(demand, effort);
  const widest = widestShare(demand.active, break_even.median);
  const [start, end] = costsByShare(demand, effort, [0, widest]);
  const highest = 1.08 * Math.max(end.online_h, end.batch_h) || 1;
  const x = (/** @type {number} */ share) => `${((100 * share) / widest).toFixed(2)}%`;
  const y = (/** @type {number} */ hours) => (HEIGHT * (1 - hours / highest)).toFixed(1);
  const [chosen] = costsByShare(demand, effort, [demand.active]);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => part * widest);
  return html`
    <figure class="costs-chart" role="img" aria-label=${chartText(demand, effort)} data-testid="costs-chart">
      <svg class="canvas" width="100%" height=${HEIGHT + 24} aria-hidden="true">
        ${ticks.map(
          (tick, place) => svg`
          <line class="grid" x1=${x(tick)} x2=${x(tick)} y1="0" y2=${HEIGHT} />
          <text class="scale ${place % 2 === 1 ? "minor" : ""}" x=${x(tick)} y=${HEIGHT + 18} text-anchor=${["start", "middle", "middle", "middle", "end"][place]}>${shareText(tick)}</text>`,
        )}
        <line class="grid zero" x1="0" x2="100%" y1=${HEIGHT} y2=${HEIGHT} />
        <line class="cost-line batch" x1=${x(0)} x2=${x(widest)} y1=${y(start.batch_h)} y2=${y(end.batch_h)} />
        <line class="cost-line online" x1=${x(0)} x2=${x(widest)} y1=${y(0)} y2=${y(end.online_h)} />
        ${break_even.median > widest ? nothing : svg`<line class="cost-even" x1=${x(break_even.median)} x2=${x(break_even.median)} y1="0" y2=${HEIGHT} />`}
        <circle class="cost-dot batch" cx=${x(demand.active)} cy=${y(chosen.batch_h)} r="5" />
        <circle class="cost-dot online" cx=${x(demand.active)} cy=${y(chosen.online_h)} r="5" />
        <text class="scale" x="0" dx="4" y="14">${hoursText(highest)}</text>
      </svg>
      <figcaption class="hint" aria-hidden="true">
        Across: the share of users who are active; up: processor-hours a day. The dots are your share, the dotted line is where both cost the
        same.
      </figcaption>
    </figure>
  `;
}

/**
 * The chart in a sentence; the table below it holds the same figures.
 *
 * @param {Demand} demand
 * @param {Effort} effort
 */
function chartText(demand, effort) {
  const { batch_h, online_h, break_even } = costsOf(demand, effort);
  const even = break_even.median > 1 ? "they never meet" : `they meet at ${shareText(break_even.median)}`;
  return `Processor-hours a day by the share of active users: batch stays at ${hoursText(batch_h.median)}, online rises with the share, to ${hoursText(online_h.median)} at ${shareText(demand.active)}; ${even}.`;
}

/**
 * @param {Demand} demand
 * @param {Effort} effort
 */
function tableView(demand, effort) {
  return html`
    <details>
      <summary>The same in figures</summary>
      <table class="costs-table">
        <caption class="visually-hidden">Processor-hours a day by the share of active users</caption>
        <thead><tr><th scope="col">Active</th><th scope="col">Batch</th><th scope="col">Online</th></tr></thead>
        <tbody>
          ${costsByShare(demand, effort, SHARES).map(
            ({ share, batch_h, online_h }) =>
              html`<tr><th scope="row">${shareText(share)}</th><td>${hoursText(batch_h)}</td><td>${hoursText(online_h)}</td></tr>`,
          )}
        </tbody>
      </table>
    </details>
  `;
}

/**
 * @param {CostsState} state
 * @param {Surroundings} surroundings
 */
function methodView(state, { offer }) {
  const measured = state.measured[state.variant];
  const recorded = recordedOf(state, offer.name);
  const job = state.lastJob(state.variant);
  return html`
    <div class="costs-method">
      <h3>Measured, and assumed</h3>
      <ul>
        ${
          measured === undefined
            ? nothing
            : html`<li data-testid="costs-measured">
                This device, ${state.variant}, one thread: ${rateText(measured.batch_per_s)} rows a second in batches of 1,024,
                ${rateText(measured.online_per_s)} answers a second one after the other (medians and quartiles of ${measured.rounds} rounds).
              </li>`
        }
        ${job === null ? nothing : jobView(job)}
        ${recorded === null || state.recorded === null ? nothing : recordedView(recorded, state.recorded, state.variant)}
        <li>Batch, processor-hours a day = users × predictions × runs × processor time of a row ÷ 3600 s.</li>
        <li>Online, processor-hours a day = users × share active × predictions × processor time of an answer ÷ 3600 s.</li>
        <li>Break-even share = runs × time of a row ÷ time of an answer: users and predictions cancel out.</li>
        <li>Age of a batch answer = 24 h ÷ runs ÷ 2, where users ask at any time of the day; an online answer is new.</li>
        <li>
          Batch computes each of a user’s predictions ahead, asked for or not; the active ask for as many, no question twice. Storing answers,
          reading them, and machines that wait idle for questions are left out: they cost extra, in batch the former, online the latter.
        </li>
        <li>On this device one processor counts as busy as long as it measures; the server’s time is what its processes used of its processors.</li>
      </ul>
    </div>
  `;
}

/** @param {import("../../batch/costs-state.js").LastJob} job */
function jobView({ rows, rows_per_s, threads }) {
  return html`<li data-testid="costs-job">
    The last job here: ${countText(rows, "row")}, ${numberText(Math.round(rows_per_s))} a second from file to stored answer, on
    ${countText(threads, "thread")} of the model and one that reads, each counted as busy.
  </li>`;
}

/**
 * @param {import("../../batch/costs-state.js").Recorded} recorded
 * @param {import("../../batch/costs-state.js").Record} record
 * @param {string} variant
 */
function recordedView({ batch, online }, { created, machine, workers }, variant) {
  return html`<li data-testid="costs-recorded">
    A server with ${numberText(machine.cores)} cores (${machine.processor}), recorded on ${dateText(created.slice(0, 10))}, ${variant}, ${numberText(workers)} processes: a batch
    job of ${numberText(Math.round(batch.rows_per_s))} rows a second, ${effortText(batch.cpu_us.median)} of a processor each;
    ${numberText(Math.round(online.answers_per_s))} answers a second over HTTP with ${numberText(online.at_once)} asking at once,
    ${effortText(online.cpu_us.median)} each, half of them within ${durationText(online.p50_ms)}.
  </li>`;
}
