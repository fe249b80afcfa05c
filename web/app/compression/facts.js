// What was recorded of a pipeline's compression: its form, and how it is read. No DOM.

/**
 * @typedef {object} Difference a variant's mean loss beside the base's, with the 95% interval; shares are null where the base loses nothing
 * @property {number} base
 * @property {number} variant
 * @property {number} low
 * @property {number} high
 * @property {number | null} relative
 * @property {number | null} relative_low
 * @property {number | null} relative_high
 *
 * @typedef {{ technique: string, settings: Record<string, unknown> }} Step
 *
 * @typedef {object} Variant
 * @property {string} name
 * @property {Step[]} steps none where training made it
 * @property {string} sha256
 * @property {number} size_bytes
 * @property {number} brotli_bytes
 * @property {number} parameters
 * @property {Record<string, Difference>} quality by exam
 * @property {boolean} ships whether it holds every budget
 * @property {boolean} released
 * @property {boolean} [learned] whether its recipe needs data
 * @property {string[]} shortfalls
 *
 * @typedef {{ median: number, lower_quartile: number, upper_quartile: number, minimum: number }} Spread
 *
 * @typedef {object} Timed
 * @property {string} name
 * @property {Spread} time_ms of a run
 * @property {Spread} ratio to the base's time, round by round
 * @property {number} load_ms
 * @property {number} [peak_memory_bytes]
 * @property {number} [median_difference_to_host]
 *
 * @typedef {{ threads: number, batch: number, models: Timed[] }} Run
 *
 * @typedef {object} Timing
 * @property {string} provider
 * @property {string} created
 * @property {{ user_agent: string, cores: number, webgpu: string }} environment
 * @property {Record<string, string>} failures why a model did not run there, by name
 * @property {Run[]} runs
 *
 * @typedef {{ rise: number, relative: boolean }} Budget
 *
 * @typedef {object} Facts
 * @property {number} format
 * @property {string} pipeline
 * @property {string} loss what is lost, with its unit
 * @property {{ name: string, sha256: string, size_bytes: number, brotli_bytes: number, parameters: number, lesson_rows: number, exams: Record<string, { rows: number, blocks: number, loss: number }> }} base
 * @property {Record<string, Budget>} budgets by exam
 * @property {Variant[]} variants
 * @property {Timing[]} timings one a provider
 * @property {Record<string, string>} untimed why there is none, by provider
 * @property {string[]} notes
 *
 * @typedef {object} Change of a loss against the base's; of 100 where `relative`
 * @property {string} exam
 * @property {number} value
 * @property {number} low
 * @property {number} high
 * @property {boolean} relative
 */

/** The form that this code reads. */
export const FORMAT = 2;
/** In the place of an exam: the one in which a variant does worst. */
export const WORST = "worst";

/** By technique; a recipe belongs where its first step does that is more than other numbers for the same weights. */
const FAMILIES = /** @type {Record<string, string>} */ ({
  ...{ structured: "pruned", unstructured: "pruned", low_rank: "factored", distil: "distilled" },
  ...{ half: "bits", weight_only_int8: "bits", int4: "bits", integer_products: "bits" },
  ...{ quantisation_aware: "bits", dynamic_int8: "bits", static_int8: "bits" },
});

/** @type {Record<string, string>} */
export const FAMILY_TITLES = {
  trained: "trained",
  bits: "fewer bits",
  pruned: "pruned",
  factored: "low rank",
  distilled: "distilled",
  other: "other",
};

/** @param {readonly Step[]} steps */
export function familyOf(steps) {
  if (steps.length === 0) return "trained";
  const families = steps.map(({ technique }) => FAMILIES[technique] ?? "other");
  return families.find((family) => family !== "bits") ?? "bits";
}

/** @param {Pick<Variant, "released" | "ships">} variant */
export function statusOf({ released, ships }) {
  if (released) return "released";
  return ships ? "holds" : "refused";
}

/**
 * A recipe in words: "structured (kept 0.25, epochs 12), then weight only int8".
 *
 * @param {readonly Step[]} steps
 */
export function recipeText(steps) {
  return steps.length === 0 ? "made by training" : steps.map(stepText).join(", then ");
}

/**
 * A recipe's techniques alone: "structured, weight only int8".
 *
 * @param {readonly Step[]} steps
 */
export function techniquesText(steps) {
  return steps.length === 0 ? "training" : steps.map(({ technique }) => words(technique)).join(", ");
}

/** @param {Step} step */
function stepText({ technique, settings }) {
  const told = Object.entries(settings)
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${words(name)} ${Array.isArray(value) ? value.join(" and ") : value}`);
  return told.length === 0 ? words(technique) : `${words(technique)} (${told.join(", ")})`;
}

/** @param {string} name */
export function words(name) {
  return name.replaceAll("_", " ");
}

/**
 * How much a variant loses in an exam, or in the one where the upper end of the interval is highest.
 *
 * @param {Facts} facts
 * @param {string} exam or `WORST`
 * @param {Variant} variant
 * @returns {Change}
 */
export function changeOf(facts, exam, { quality }) {
  const exams = exam === WORST ? Object.keys(quality) : [exam];
  const relative = isRelative(facts);
  const changes = exams.map((each) => changeIn(each, quality[each], relative));
  return changes.reduce((worst, each) => (each.high > worst.high ? each : worst));
}

/**
 * Shares are compared only where every variant has one in every exam: one scale can't hold both.
 *
 * @param {Facts} facts
 */
export function isRelative({ variants, budgets }) {
  const shares = variants.every(({ quality }) => Object.values(quality).every(({ relative }) => relative !== null));
  return shares && Object.values(budgets).every(({ relative }) => relative);
}

/**
 * @param {string} exam
 * @param {Difference} difference
 * @param {boolean} relative
 * @returns {Change}
 */
export function changeIn(exam, { base, variant, low, high, ...shares }, relative) {
  if (!relative) return { exam, value: variant - base, low, high, relative };
  const [value, least, most] = [shares.relative, shares.relative_low, shares.relative_high].map(
    (share) => 100 * Number(share),
  );
  return { exam, value, low: least, high: most, relative };
}

/**
 * The most that the upper end of a change may reach; in the worst case the tightest budget of all. Null where budgets are
 * given otherwise than changes are shown.
 *
 * @param {Facts} facts
 * @param {string} exam or `WORST`
 */
export function budgetOf(facts, exam) {
  const relative = isRelative(facts);
  const budgets = exam === WORST ? Object.values(facts.budgets) : [facts.budgets[exam]];
  if (budgets.length === 0 || budgets.some((budget) => budget === undefined || budget.relative !== relative))
    return null;
  return Math.min(...budgets.map(({ rise }) => (relative ? 100 * rise : rise)));
}

/**
 * @param {number} value
 * @param {boolean} relative
 */
export function changeText(value, relative) {
  const sign = value < 0 ? "−" : "+";
  const size = Math.abs(value);
  return relative ? `${sign}${size.toFixed(size < 10 ? 2 : 1)}%` : `${sign}${Number(size.toPrecision(3))}`;
}
