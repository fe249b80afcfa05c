/** A small comparison, in the form of `compression.json`. */

/** @param {number} value @param {number} [half] of the interval @returns {import("../../../../web/app/compression/facts.js").Difference} */
export function difference(value, half = 0.01) {
  const relative = { relative: value, relative_low: value - half, relative_high: value + half };
  return { base: 10, variant: 10 * (1 + value), low: 10 * (value - half), high: 10 * (value + half), ...relative };
}

/** @param {number} median @param {number} [base] of the base's time */
export function timed(name = "", median = 1, base = median) {
  const spread = (/** @type {number} */ value) => ({
    ...{ median: value, lower_quartile: 0.9 * value, upper_quartile: 1.1 * value, minimum: 0.8 * value },
  });
  return { name, time_ms: spread(median), ratio: spread(median / base), load_ms: 3 };
}

/** @returns {import("../../../../web/app/compression/facts.js").Facts} */
export function smallFacts() {
  const sizes = (/** @type {number} */ size) => ({ size_bytes: size, brotli_bytes: size / 2, parameters: size / 4 });
  const judged = { ships: true, released: false, shortfalls: [] };
  const quality = (/** @type {number} */ day, /** @type {number} */ night) => ({
    ...{ day: difference(day), night: difference(night) },
  });
  const models = (/** @type {number} */ scale) => [
    timed("whole", 4 * scale),
    timed("pruned", scale, 4 * scale),
    timed("bytes", 3 * scale, 4 * scale),
    timed("broken", 2 * scale, 4 * scale),
  ];
  return {
    ...{
      format: 2,
      pipeline: "small",
      loss: "mean absolute error, min",
      untimed: { webgpu: "there is no GPU" },
      notes: [],
    },
    base: {
      ...{ name: "whole", sha256: "w", ...sizes(8000), lesson_rows: 10 },
      exams: { day: { rows: 9, blocks: 3, loss: 10 }, night: { rows: 9, blocks: 3, loss: 10 } },
    },
    budgets: { day: { rise: 0.03, relative: true }, night: { rise: 0.02, relative: true } },
    variants: [
      {
        ...{ name: "pruned", sha256: "p", ...sizes(1000), ...judged, released: true, quality: quality(0.01, -0.02) },
        steps: [
          { technique: "structured", settings: { kept: 0.25, stages: null } },
          { technique: "weight_only_int8", settings: {} },
        ],
      },
      {
        ...{ name: "bytes", sha256: "b", ...sizes(2000), ...judged, quality: quality(0, 0.001) },
        steps: [{ technique: "weight_only_int8", settings: { kept: ["a", "b"] } }],
      },
      {
        ...{ name: "broken", sha256: "x", ...sizes(2000), ...judged, ships: false, quality: quality(0.3, 0.5) },
        ...{ steps: [{ technique: "dynamic_int8", settings: {} }], shortfalls: ["day: too much"] },
      },
    ],
    timings: [
      {
        ...{ provider: "wasm", created: "2026-01-01T00:00:00+00:00", failures: {} },
        environment: { user_agent: "A browser", cores: 2, webgpu: "" },
        runs: [
          { threads: 1, batch: 1, models: models(0.1) },
          { threads: 1, batch: 32, models: models(1) },
          { threads: 2, batch: 32, models: models(0.6) },
          { threads: 1, batch: 256, models: models(8) },
        ],
      },
    ],
  };
}
