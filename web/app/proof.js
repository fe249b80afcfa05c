// The verification gate's report as the page shows it: a row an execution, over all that was compared of it. No DOM.

/**
 * @typedef {object} Comparison
 * @property {string} execution
 * @property {string} what "features", "columns", or the variant whose answers they are
 * @property {number} values
 * @property {number} deviation the largest `abs(a - b) / max(1, abs(b))`
 * @property {boolean} passed
 *
 * @typedef {object} Report
 * @property {number} tolerance
 * @property {{ golden: number, random: number }} records
 * @property {string | null} graph_reason why the features are not compiled, where they are not
 * @property {Comparison[]} comparisons
 */

/**
 * What was compared of each execution, together: numbers, and the largest deviation among them.
 *
 * @param {Report} report
 * @returns {{ execution: string, what: string, values: number, deviation: number }[]}
 */
export function proofRows({ comparisons }) {
  const executions = new Set(comparisons.map(({ execution }) => execution));
  return [...executions].map((execution) => {
    const own = comparisons.filter((each) => each.execution === execution);
    return {
      execution,
      what: own.map(({ what }) => what).join(", "),
      values: own.reduce((sum, { values }) => sum + values, 0),
      deviation: Math.max(...own.map(({ deviation }) => deviation)),
    };
  });
}

/** @param {number} deviation */
export function deviationText(deviation) {
  if (deviation === 0) return "none";
  const [digits, exponent] = deviation.toExponential(1).split("e");
  return `${digits} × 10${superscript(Number(exponent))}`;
}

/** @param {number} exponent */
function superscript(exponent) {
  const digits = [...String(Math.abs(exponent))].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
  return exponent < 0 ? `⁻${digits}` : digits;
}
