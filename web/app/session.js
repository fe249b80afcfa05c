// One pipeline being opened, open, or failed: the state that a page shows, and the ways to change it. No DOM.

/** @typedef {import("./foreshore.js").Predictor} Predictor */
/** @typedef {import("../shared/progress.js").ProgressDetail & { fraction: number }} Progress */
/** @typedef {import("../shared/progress.js").OnProgress} OnProgress */
/** @typedef {typeof import("./foreshore.js").open} Open */

/**
 * @typedef {object} SessionState
 * @property {"loading" | "ready" | "error" | "cancelled"} status
 * @property {Progress | null} progress
 * @property {Predictor | null} predictor the one to ask; while another variant loads, still the one before
 * @property {unknown} failure
 * @property {string} variant the one asked for, "" to let the release choose
 * @property {"auto" | "graph" | "python"} engine the one asked for
 * @property {boolean} consent whether the visitor lets the site's server answer where this device can't
 *
 * @typedef {Partial<Pick<SessionState, "variant" | "engine">>} Choice
 */

/**
 * @param {string} name of the pipeline
 * @param {Open} open
 * @param {(state: SessionState) => void} onChange
 */
export function createSession(name, open, onChange) {
  /** @type {SessionState} */
  let state = {
    ...{ status: "loading", progress: null, predictor: null, failure: null },
    ...{ variant: "", engine: "auto", consent: false },
  };
  let controller = new AbortController();

  /** @param {Partial<SessionState>} patch */
  const change = (patch) => {
    state = { ...state, ...patch };
    onChange(state);
  };

  /** @param {Predictor} predictor */
  const adopt = async (predictor) => {
    const previous = state.predictor;
    change({ status: "ready", predictor });
    await previous?.close();
  };

  /** The signal of a new attempt, which ends the one before. */
  const supersede = () => {
    controller.abort();
    controller = new AbortController();
    return controller.signal;
  };

  /** @param {AbortSignal} signal */
  const attempt = async (signal) => {
    const { variant, engine } = state;
    /** @type {OnProgress} */
    const onProgress = (fraction, detail) => {
      if (!signal.aborted) change({ progress: { fraction, ...detail } });
    };
    const consent = () => state.consent;
    const predictor = await open(name, { engine, consent, ...(variant && { variant }), signal, onProgress });
    if (!signal.aborted) return adopt(predictor);
    await predictor.close();
    throw signal.reason;
  };

  /** Opens the pipeline, as chosen now or before; an attempt that is still under way is dropped. @param {Choice} [choice] */
  const start = async (choice) => {
    const signal = supersede();
    change({ status: "loading", progress: null, failure: null, ...choice });
    try {
      await attempt(signal);
    } catch (failure) {
      if (controller.signal === signal) change({ status: signal.aborted ? "cancelled" : "error", failure });
    }
  };

  /**
   * What has not opened here may be opened on the server now, and what answers there alone no longer does.
   *
   * @param {boolean} consent
   */
  const agree = (consent) => {
    change({ consent });
    const { status, predictor } = state;
    if (consent ? status === "error" : predictor?.engine === "cloud") start();
  };

  return { start, agree, cancel: () => controller.abort(), state: () => state };
}
