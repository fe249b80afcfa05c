// Asking a predictor, when newer questions may come before older answers. No DOM.

import { problemsByField } from "./fields.js";

/** @typedef {import("./fields.js").WireRecord} WireRecord */
/** @typedef {import("./foreshore.js").Answer} Answer */
/** @typedef {import("./foreshore.js").Predictor} Predictor */

/**
 * @template {{ record: WireRecord }} Question
 * @typedef {object} Outcome
 * @property {{ question: Question, answer: Answer } | null} answered
 * @property {ReadonlyMap<string, string>} problems by field; "" holds what concerns no single field
 * @property {unknown} failure null if there is none
 */

/**
 * @template {{ record: WireRecord }} Question
 * @param {() => Predictor | null} predictor null while there is none
 * @param {(outcome: Outcome<Question>) => void} onOutcome of the newest question alone
 */
export function createAsker(predictor, onOutcome) {
  let newest = 0;

  /** @param {Question | null} question */
  return async (question) => {
    const source = predictor();
    if (question === null || source === null) return;
    newest += 1;
    const mine = newest;
    const outcome = await answered(source, question);
    if (mine === newest) onOutcome(outcome);
  };
}

/**
 * @template {{ record: WireRecord }} Question
 * @param {Predictor} source
 * @param {Question} question
 * @returns {Promise<Outcome<Question>>}
 */
async function answered(source, question) {
  try {
    const answer = await source.predict(question.record);
    return { answered: { question, answer }, problems: new Map(), failure: null };
  } catch (thrown) {
    const error = /** @type {{ kind?: string, problems?: import("./fields.js").Problem[] }} */ (thrown);
    const refused = error.kind === "validation";
    const problems = refused ? problemsByField(error.problems ?? []) : new Map();
    return { answered: null, problems, failure: refused ? null : error };
  }
}
