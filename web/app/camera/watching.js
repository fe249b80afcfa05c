// Frame after frame of a camera, asked about as fast as the model answers: never two at once, so none waits. No DOM.

import { createPace } from "./pace.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./pace.js").Pace} Pace */
/** @typedef {import("../foreshore.js").Answer} Answer */
/** @typedef {import("../foreshore.js").Predictor} Predictor */
/** @typedef {{ question: { record: object }, answer: Answer }} Seen */

/**
 * @param {Pick<Camera, "nextFrame" | "grab">} camera
 * @param {object} parts
 * @param {() => Predictor | null} parts.predictor null while there is none: frames pass by
 * @param {() => number} parts.now_ms
 * @param {(seen: Seen, pace: Pace) => void} parts.onSeen
 * @param {(failure: unknown) => void} parts.onFailure it has ended
 */
export function watchCamera(camera, { predictor, now_ms, onSeen, onFailure }) {
  let stopped = false;
  let paused = false;
  const pace = createPace();

  const look = async () => {
    await camera.nextFrame();
    const source = predictor();
    if (stopped || paused || source === null) return;
    const record = { photo: camera.grab() };
    const answer = await answerOf(source, record);
    if (stopped || answer === null) return;
    onSeen({ question: { record }, answer }, pace.add(now_ms(), answer.latency_ms));
  };

  const run = async () => {
    try {
      while (!stopped) await look();
    } catch (failure) {
      if (!stopped) onFailure(failure);
    }
  };

  run();
  return {
    stop: () => {
      stopped = true;
    },
    /** @param {boolean} isPaused */
    pause: (isPaused) => {
      paused = isPaused;
      pace.restart();
    },
  };
}

/**
 * Null where the predictor gave way to another: the next frame is that one's.
 *
 * @param {Predictor} source
 * @param {{ photo: object }} record
 * @returns {Promise<Answer | null>}
 */
async function answerOf(source, record) {
  try {
    return await source.predict(/** @type {any} */ (record));
  } catch (failure) {
    if (/** @type {{ kind?: string }} */ (failure).kind === "closed") return null;
    throw failure;
  }
}
