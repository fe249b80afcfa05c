// Trying any pipeline by its contract alone: a form, and the answer to what it holds. No DOM.

import { createAsker } from "./asking.js";
import { exampleRecord, recordOf, typedRecord } from "./fields.js";
import { entered, filled, settled } from "./form-state.js";

/** @typedef {import("./fields.js").WireRecord} WireRecord */
/** @typedef {import("./foreshore.js").Answer} Answer */
/** @typedef {import("./foreshore.js").Predictor} Predictor */

/**
 * @typedef {object} TrialParts
 * @property {import("./form-state.js").FormState} form
 */

/** @typedef {TrialParts & import("./asking.js").Outcome<{ record: WireRecord }, { answer: Answer }>} TrialState */

/**
 * Whether the site's server may have answers computed ahead; photos have no key to find them by.
 *
 * @param {import("./foreshore.js").Offer} offer
 */
export function canLookUp({ server, contract }) {
  return server.includes("lookup") && contract.fields.every(({ dtype }) => dtype !== "image");
}

/**
 * @param {object} parts
 * @param {import("../generated/vocabulary.js").Contract} parts.contract
 * @param {() => Predictor | null} parts.predictor null while there is none
 * @param {() => boolean} [parts.looksUp] whether to ask for answers computed ahead, which the visitor agreed to
 * @param {(state: TrialState) => void} parts.onChange
 */
export function createTrial({ contract, predictor, looksUp = () => false, onChange }) {
  const { fields, context } = contract;
  /** @type {TrialState} */
  let state = {
    form: filled([...fields, ...context], exampleRecord(fields)),
    answered: null,
    problems: new Map(),
    failure: null,
  };

  /** @param {Partial<TrialState>} patch */
  const change = (patch) => {
    state = { ...state, ...patch };
    onChange(state);
  };
  const reply = async (/** @type {Predictor} */ source, /** @type {{ record: WireRecord }} */ { record }) => ({
    answer: await (looksUp() ? source.lookup(record) : source.predict(record)),
  });
  const asker = createAsker(predictor, reply, change);
  const ask = () => {
    const { values } = state.form;
    return asker({ record: { ...recordOf(fields, values), ...typedRecord(context, values) } });
  };

  return {
    state: () => state,
    ask,
    /** @param {string} name @param {import("./fields.js").FormValues[string]} value */
    input: (name, value) => change({ form: entered(state.form, name, value) }),
    /** @param {string} name */
    settle: (name) => {
      change({ form: settled(state.form, [name]) });
      return ask();
    },
    submit: () => {
      const names = [...fields, ...context].map((field) => field.name);
      change({ form: settled(state.form, names) });
      return ask();
    },
  };
}
