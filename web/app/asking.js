// Asking a predictor, when newer questions may come before older answers. No DOM.

import { problemsByField } from "./fields.js";

/** @typedef {import("./fields.js").WireRecord} WireRecord */
/** @typedef {import("./foreshore.js").Answer} Answer */
/** @typedef {import("./foreshore.js").Predictor} Predictor */

/**
 * @template {{ record: WireRecord }} Question
 * @template {{ answer: Answer }} Reply the answer, and what a page knows besides
 * @typedef {object} Outcome
 * @property {({ question: Question } & Reply) | null} answered
 * @property {ReadonlyMap<string, string>} problems by field; "" holds what concerns no single field
 * @property {unknown} failure null if there is none
 */

/**
 * @template {{ record: WireRecord }} Question
 * @template {{ answer: Answer }} Reply
 * @param {() => Predictor | null} predictor null while there is none
 * @param {(predictor: Predictor, question: Question) => Promise<Reply>} reply
 * @param {(outcome: Outcome<Question, Reply>) => void} onOutcome of the newest question alone
 */
export function createAsker(predictor, reply, onOutcome) {
  let newest = 0;

  /** @param {Question | null} question */
  return async (question) => {
    const source = predictor();
    if (question === null || source === null) return;
    newest += 1;
    const mine = newest;
    const outcome = await outcomeOf(question, () => reply(source, question));
    if (mine === newest) onOutcome(outcome);
  };
}

/**
 * @template {{ record: WireRecord }} Question
 * @template {{ answer: Answer }} Reply
 * @param {Question} question
 * @param {() => Promise<Reply>} reply
 * @returns {Promise<Outcome<Question, Reply>>}
 */
async function outcomeOf(question, reply) {
  try {
    return { answered: { question, ...(await reply()) }, problems: new Map(), failure: null };
  } catch (thrown) {
    const error = /** @type {{ kind?: string, problems?: import("./fields.js").Problem[] }} */ (thrown);
    const refused = error.kind === "validation";
    const problems = refused ? problemsByField(error.problems ?? []) : new Map();
    return { answered: null, problems, failure: refused ? null : error };
  }
}
