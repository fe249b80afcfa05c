// What the visitor can do on the See page, and what follows: a photo is read and asked about, or the camera is. No DOM.

import { createAsker } from "./asking.js";
import { unplugged } from "./camera/refused.js";
import { watchCamera } from "./camera/watching.js";
import { Refusal } from "./refusal.js";
import { initialState, ranking, sentenceOf } from "./see-state.js";

/** @typedef {import("./camera/camera.js").Camera} Camera */
/** @typedef {import("./foreshore.js").Predictor} Predictor */
/** @typedef {import("./photo/given.js").Given} Given */
/** @typedef {import("./photo/reading.js").Photo} Photo */
/** @typedef {import("./see-state.js").Sample} Sample */
/** @typedef {import("./see-state.js").SeeState} SeeState */

const MOVING = "It moves: this is its first frame.";

/**
 * @param {object} parts
 * @param {ReturnType<typeof import("./photo-samples.js").openPhotos>} parts.samples
 * @param {() => Predictor | null} parts.predictor null while there is none
 * @param {(file: Blob) => Promise<Photo>} parts.read
 * @param {(onGone: () => void) => Promise<Camera>} parts.openCamera
 * @param {(state: SeeState) => void} parts.onChange
 * @param {() => number} [parts.now_ms]
 */
export function createSee({ samples, predictor, read, openCamera, onChange, now_ms = () => performance.now() }) {
  let state = initialState();
  /** Of everything that takes a while to show, the newest is shown. */
  let newest = 0;
  /** @type {ReturnType<typeof watchCamera> | null} */
  let watch = null;
  let hidden = false;

  /** @param {Partial<SeeState>} patch */
  const change = (patch) => {
    state = { ...state, ...patch };
    onChange(state);
  };

  /** @param {Predictor} source @param {{ record: any }} question */
  const reply = async (source, { record }) => ({ answer: await source.predict(record) });
  const asker = createAsker(predictor, reply, (outcome) => {
    if (state.photo === null) return;
    change(outcome);
    change({ said: sentenceOf(state.photo.name, ranking(state)) });
  });
  const ask = () => asker(state.photo && { record: /** @type {any} */ ({ photo: state.photo.image }) });

  /** @param {string} said */
  const endCamera = (said) => {
    watch?.stop();
    state.camera?.close();
    watch = null;
    change({ camera: null, pace: null, said });
  };

  const stopCamera = () => {
    newest += 1; // an answer of the visitor's that is still to come to the browser's question comes too late
    if (state.camera !== null) endCamera("The camera is off.");
    else if (state.starting) change({ starting: false });
  };

  /**
   * Shows what `load` gives, unless something newer was asked for meanwhile.
   *
   * @param {() => Promise<Omit<Given, "file"> & { file: Blob, name: string, sample: Sample | null }>} load
   */
  const show = async (load) => {
    newest += 1;
    const mine = newest;
    change({ reading: true, refusal: null, starting: false });
    try {
      const { file, name, notes, sample } = await load();
      const { image, preview, moving } = await read(file);
      if (mine !== newest) return;
      stopCamera();
      const photo = { name, image, preview, sample, notes: moving ? [...notes, MOVING] : notes };
      change({ reading: false, photo, answered: null, failure: null, problems: new Map(), samplesFailure: null });
      await ask();
    } catch (reason) {
      if (mine !== newest) return;
      change({ reading: false, ...(reason instanceof Refusal ? { refusal: reason } : { samplesFailure: reason }) });
    }
  };

  /** @param {Sample} sample */
  const trySample = (sample) =>
    show(async () => ({ file: await samples.load(sample), name: sample.title, notes: [], sample }));

  /** Lists the samples, and shows the first where nothing was given yet. */
  const openSamples = async () => {
    change({ samplesFailure: null });
    try {
      const listed = await samples.list();
      change({ samples: listed });
      const [first] = listed;
      if (first !== undefined && newest === 0) await trySample(first);
    } catch (samplesFailure) {
      change({ samplesFailure });
    }
  };

  /** @param {Camera} camera */
  const begin = (camera) => {
    change({
      starting: false,
      camera,
      photo: null,
      answered: null,
      failure: null,
      refusal: null,
      said: "The camera is on.",
    });
    watch = watchCamera(camera, {
      predictor,
      now_ms,
      onSeen: (answered, pace) => change({ answered, pace }),
      onFailure: (failure) => {
        endCamera("The camera is off.");
        change({ failure });
      },
    });
    watch.pause(hidden);
  };

  const startCamera = async () => {
    newest += 1;
    const mine = newest;
    change({ starting: true, cameraRefusal: null, reading: false });
    try {
      const camera = await openCamera(() => {
        endCamera("The camera has stopped.");
        change({ cameraRefusal: unplugged() });
      });
      if (mine === newest) begin(camera);
      else camera.close();
    } catch (reason) {
      if (mine === newest) change({ starting: false, cameraRefusal: /** @type {Refusal} */ (reason) });
    }
  };

  return {
    state: () => state,
    ask,
    openSamples,
    trySample,
    startCamera,
    stopCamera,
    /** @param {() => Given} take gives what came, or throws why it is no file */
    give: (take) =>
      show(async () => {
        const { file, notes } = take();
        return { file, name: file.name, notes, sample: null };
      }),
    /** @param {boolean} isHidden whether nobody looks at the page */
    setHidden: (isHidden) => {
      hidden = isHidden;
      watch?.pause(isHidden);
    },
  };
}
