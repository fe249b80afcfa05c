// What the See page knows, and what follows from it. No DOM.

/** @typedef {import("./camera/camera.js").Camera} Camera */
/** @typedef {import("./camera/pace.js").Pace} Pace */
/** @typedef {import("./foreshore.js").Answer} Answer */
/** @typedef {import("./photo/reading.js").Image} Image */
/** @typedef {import("./refusal.js").Refusal} Refusal */

/** @typedef {{ label: string, index: number, score: number }} Ranked one of an answer's classes, the best first */

/**
 * @typedef {object} Sample
 * @property {string} file
 * @property {string} title
 * @property {string} credit
 * @property {string} licence
 * @property {number} width
 * @property {number} height
 * @property {string} url
 *
 * @typedef {object} Shown the photo that is asked about
 * @property {string} name
 * @property {Image} image
 * @property {HTMLCanvasElement} preview
 * @property {string[]} notes what the visitor should know of how it was taken
 * @property {Sample | null} sample
 */

/**
 * @typedef {object} SeeState
 * @property {readonly Sample[]} samples
 * @property {unknown} samplesFailure null if there is none
 * @property {boolean} reading whether a file is being read
 * @property {Refusal | null} refusal of the last thing that was given
 * @property {Shown | null} photo
 * @property {{ question: { record: object }, answer: Answer } | null} answered
 * @property {ReadonlyMap<string, string>} problems by field
 * @property {unknown} failure of the last prediction, null if there is none
 * @property {boolean} starting whether the camera is being asked for
 * @property {Camera | null} camera null while it is off
 * @property {Refusal | null} cameraRefusal
 * @property {Pace | null} pace of the camera's answers
 * @property {string} said the last thing that happened, for who does not see it
 */

/** @returns {SeeState} */
export function initialState() {
  return {
    samples: [],
    samplesFailure: null,
    reading: false,
    refusal: null,
    photo: null,
    answered: null,
    problems: new Map(),
    failure: null,
    starting: false,
    camera: null,
    cameraRefusal: null,
    pace: null,
    said: "",
  };
}

/**
 * The classes of an answer.
 *
 * @param {SeeState} state
 * @returns {readonly Ranked[]} the best first; none while there is no answer
 */
export function ranking({ answered }) {
  return answered?.answer.classes ?? [];
}

/**
 * A probability: "97 %", "4.2 %", "0.03 %", "under 0.01 %".
 *
 * @param {number} score 0 to 1
 */
export function scoreText(score) {
  const percent = 100 * score;
  if (percent < 0.01) return "under 0.01 %";
  if (percent > 99.9 && percent < 100) return "over 99.9 %";
  return `${percent.toFixed(percent >= 9.95 ? 0 : percent >= 0.95 ? 1 : 2)} %`;
}

/**
 * What was seen, as a sentence.
 *
 * @param {string} name of the photo
 * @param {readonly Ranked[]} ranked
 */
export function sentenceOf(name, [best]) {
  return best === undefined ? "" : `${name}: ${best.label}, ${scoreText(best.score)}.`;
}
