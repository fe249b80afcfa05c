// What went wrong, for the visitor: one sentence, and what to do. No DOM.

/** @typedef {{ title: string, advice: string, detail: string, retry: boolean }} FailureText */

/** @type {Record<string, { title: string, advice: string, retry: boolean }>} */
const TEXTS = {
  network: {
    title: "A file did not arrive.",
    advice: "Check the connection, then try again. What has arrived already is kept.",
    retry: true,
  },
  artefact: {
    title: "A file is not the one that was published, so it was not run.",
    advice: "Try again. If it stays, the site’s copy is damaged, or something on the way changes it.",
    retry: true,
  },
  validation: {
    title: "This release has nothing of that name.",
    advice: "Start again from the list of pipelines.",
    retry: false,
  },
  model: { title: "The model gave no usable answer.", advice: "Try again, or choose another variant.", retry: true },
  cancelled: { title: "Loading was stopped.", advice: "Nothing is running now.", retry: true },
};

const OTHER = { title: "Something went wrong on this page.", advice: "Try again, or reload the page.", retry: true };

/**
 * @param {unknown} error a ForeshoreError, or whatever was thrown
 * @returns {FailureText} `detail` is the technical sentence, "" if there is none
 */
export function failureText(error) {
  const { kind = "", message = "" } = /** @type {{ kind?: string, message?: string }} */ (error ?? {});
  if (kind === "unsupported") return unsupportedText(message);
  const text = TEXTS[kind] ?? OTHER;
  return { ...text, detail: kind === "cancelled" ? "" : message };
}

/**
 * Here the technical sentence is what the visitor has to know: what the browser lacks, and which ones have it.
 *
 * @param {string} message
 * @returns {FailureText}
 */
function unsupportedText(message) {
  const advice = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  return { title: "The model can’t run in this browser.", advice, detail: "", retry: false };
}

/**
 * Why the model runs on one thread only, "" if it need not.
 *
 * @param {{ isolated: boolean, cores: number }} device
 */
export function threadsNote({ isolated, cores }) {
  if (!isolated) {
    return "Single-threaded, because this site is served without cross-origin isolation (the COOP and COEP headers). Answers are the same; large batches take longer.";
  }
  return cores < 2 ? "Single-threaded, because this device reports one processor core." : "";
}
