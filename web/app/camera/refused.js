// Why there is no camera, in words for the visitor. No DOM.

import { Refusal } from "../refusal.js";

const AGAIN = "then start it again.";

/** @type {Record<string, [title: string, advice: string]>} */
const TEXTS = {
  NotAllowedError: ["The camera is not allowed.", `Allow it for this site in the browser’s settings, ${AGAIN}`],
  SecurityError: ["The camera is not allowed.", `Allow it for this site in the browser’s settings, ${AGAIN}`],
  NotFoundError: ["There is no camera.", `Connect one, ${AGAIN}`],
  OverconstrainedError: ["There is no camera.", `Connect one, ${AGAIN}`],
  NotReadableError: ["The camera gives no picture.", `Another program may be using it: close that, ${AGAIN}`],
  AbortError: ["The camera gives no picture.", `Connect it anew, ${AGAIN}`],
};

/**
 * @param {unknown} reason what `getUserMedia` threw
 * @returns {Refusal}
 */
export function refused(reason) {
  const { name = "", message = "" } = /** @type {Partial<Error>} */ (reason ?? {});
  const [title, advice] = TEXTS[name] ?? ["The camera could not be started.", `${name}: ${message}`];
  return new Refusal(title, advice);
}

/** Browsers give a camera to pages from a secure place alone. */
export function noCameraHere() {
  return new Refusal("This page gets no camera here.", "Browsers give one only over HTTPS or on localhost.");
}

/** A camera that was running has gone. */
export function unplugged() {
  return new Refusal("The camera has stopped.", `It was unplugged, or taken back: connect or allow it, ${AGAIN}`);
}
