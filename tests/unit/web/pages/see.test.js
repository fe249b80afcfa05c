import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../../../../web/app/refusal.js";
import { createSee } from "../../../../web/app/see-actions.js";
import { ranking, scoreText, sentenceOf } from "../../../../web/app/see-state.js";

const SAMPLES = [
  { file: "cat.jpg", title: "A cat", credit: "someone", licence: "CC0-1.0", width: 4, height: 3, url: "/s/cat.jpg" },
  { file: "cup.jpg", title: "A cup", credit: "someone", licence: "CC0-1.0", width: 4, height: 3, url: "/s/cup.jpg" },
];

/**
 * The page's actions over a predictor that sees in a photo what its first byte says, and files that the test lets be read.
 *
 * @param {any} [overrides]
 */
function see(overrides = {}) {
  /** @type {{ asked: any[], reading: { file: any, resolve: (moving?: boolean) => void, reject: (reason: unknown) => void }[] }} */
  const seen = { asked: [], reading: [] };
  const source = {
    predict: async (/** @type {any} */ record) => {
      seen.asked.push(record);
      return { classes: [{ label: `class ${record.photo.data[0]}`, index: 1, score: 0.75 }], latency_ms: 20 };
    },
  };
  const parts = {
    samples: {
      list: async () => SAMPLES,
      load: async (/** @type {any} */ sample) => new File([sample.file === "cat.jpg" ? "\x01" : "\x02"], sample.file),
    },
    predictor: () => source,
    read: async (/** @type {File} */ file) => photoOf(file),
    openCamera: async () => cameraOf(),
    onChange: () => {},
    now_ms: () => 0,
    ...overrides,
  };
  const actions = createSee(/** @type {any} */ (parts));
  return { actions, seen, source };
}

/** @param {File} file */
async function photoOf(file) {
  const [first = 0] = new Uint8Array(await file.arrayBuffer());
  const image = { width: 1, height: 1, data: new Uint8ClampedArray([first, 0, 0, 255]) };
  return { image, preview: `preview of ${file.name}`, moving: false };
}

function cameraOf() {
  const camera = {
    video: "video",
    closed: 0,
    frames: 0,
    nextFrame: () => new Promise((resolve) => setTimeout(resolve)),
    grab: () => {
      camera.frames += 1;
      return { width: 1, height: 1, data: new Uint8ClampedArray([9, 0, 0, 255]) };
    },
    close: () => {
      camera.closed += 1;
    },
  };
  return camera;
}

/** @param {string} name @param {string} content @param {string[]} [notes] */
const given =
  (name, content, notes = []) =>
  () => ({ file: new File([content], name), notes });

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test("the first sample is shown and answered as soon as the page opens", async () => {
  const { actions } = see();
  await actions.openSamples();
  const state = actions.state();
  assert.equal(state.photo?.name, "A cat");
  assert.equal(state.photo?.sample, SAMPLES[0]);
  assert.equal(ranking(state)[0]?.label, "class 1");
  assert.equal(state.said, "A cat: class 1, 75 %.");
});

test("what the visitor gave before the samples were there stays", async () => {
  const { actions } = see();
  const opening = actions.openSamples();
  await actions.give(given("dog.png", "\x07"));
  await opening;
  assert.equal(actions.state().photo?.name, "dog.png");
  assert.equal(actions.state().samples.length, 2);
});

test("a refused file leaves the photo and its answer, and the next one clears the refusal", async () => {
  const { actions } = see({
    read: async (/** @type {File} */ file) => {
      if (file.size === 0) throw new Refusal("That file is empty.", "Choose another.");
      return photoOf(file);
    },
  });
  await actions.openSamples();
  await actions.give(given("empty.jpg", ""));
  assert.equal(actions.state().refusal?.title, "That file is empty.");
  assert.equal(actions.state().reading, false);
  assert.equal(actions.state().photo?.name, "A cat");
  assert.equal(ranking(actions.state()).length, 1);
  await actions.give(given("dog.png", "\x07"));
  assert.equal(actions.state().refusal, null);
  assert.equal(ranking(actions.state())[0]?.label, "class 7");
});

test("what came without a file is refused the same way", async () => {
  const { actions } = see();
  await actions.give(() => {
    throw new Refusal("That is a folder.", "Open it.");
  });
  assert.equal(actions.state().refusal?.title, "That is a folder.");
});

test("of two files that are read at once the newer is shown", async () => {
  /** @type {(() => void)[]} */
  const gates = [];
  const { actions, seen } = see({
    read: async (/** @type {File} */ file) => {
      await new Promise((resolve) => gates.push(() => resolve(undefined)));
      return photoOf(file);
    },
  });
  const older = actions.give(given("older.png", "\x03"));
  const newer = actions.give(given("newer.png", "\x04"));
  await settled();
  gates[1]?.();
  await newer;
  gates[0]?.();
  await older;
  assert.equal(actions.state().photo?.name, "newer.png");
  assert.deepEqual(
    seen.asked.map(({ photo }) => photo.data[0]),
    [4],
  );
});

test("a picture that moves says so, beside what else is to be known", async () => {
  const { actions } = see({ read: async (/** @type {File} */ file) => ({ ...(await photoOf(file)), moving: true }) });
  await actions.give(given("a.gif", "\x01", ["2 files came together: this is a.gif."]));
  assert.deepEqual(actions.state().photo?.notes, [
    "2 files came together: this is a.gif.",
    "It moves: this is its first frame.",
  ]);
});

test("a photo waits for the model, and is asked about once that is there", async () => {
  let ready = false;
  const { actions, source } = see({ predictor: () => (ready ? source : null) });
  await actions.openSamples();
  assert.deepEqual(ranking(actions.state()), []);
  ready = true;
  await actions.ask();
  assert.equal(ranking(actions.state()).length, 1);
});

test("a failed prediction is told, and asking again clears it", async () => {
  let failing = true;
  const predict = async () => {
    if (failing) throw Object.assign(new Error("no memory"), { kind: "model" });
    return { classes: [{ label: "x", index: 0, score: 1 }] };
  };
  const { actions } = see({ predictor: () => ({ predict }) });
  await actions.openSamples();
  assert.match(String(actions.state().failure), /no memory/);
  failing = false;
  await actions.ask();
  assert.equal(actions.state().failure, null);
  assert.equal(ranking(actions.state()).length, 1);
});

test("samples that can't be had are told, and the page reads files all the same", async () => {
  const list = async () => {
    throw Object.assign(new Error("gone"), { kind: "network" });
  };
  const { actions } = see({ samples: { list } });
  await actions.openSamples();
  assert.match(String(actions.state().samplesFailure), /gone/);
  await actions.give(given("dog.png", "\x07"));
  assert.equal(actions.state().photo?.name, "dog.png");
});

test("the camera takes the photo's place, and a photo the camera's", async () => {
  const camera = cameraOf();
  const { actions } = see({ openCamera: async () => camera });
  await actions.openSamples();
  await actions.startCamera();
  await settled();
  assert.equal(actions.state().photo, null);
  assert.equal(ranking(actions.state())[0]?.label, "class 9");
  assert.equal(actions.state().pace?.p50_ms, 20);
  await actions.give(given("dog.png", "\x07"));
  assert.equal(camera.closed, 1);
  assert.equal(actions.state().camera, null);
  await settled();
  assert.equal(ranking(actions.state())[0]?.label, "class 7");
});

test("a refused file leaves the camera running", async () => {
  const camera = cameraOf();
  const { actions } = see({ openCamera: async () => camera });
  await actions.startCamera();
  await actions.give(() => {
    throw new Refusal("That is text, not a picture.", "Choose a file.");
  });
  assert.equal(actions.state().camera, camera);
  assert.equal(actions.state().refusal?.title, "That is text, not a picture.");
  actions.stopCamera();
});

test("frames are not announced one by one", async () => {
  const { actions } = see();
  await actions.startCamera();
  await settled();
  assert.equal(actions.state().said, "The camera is on.");
  actions.stopCamera();
  assert.equal(actions.state().said, "The camera is off.");
});

test("stopping lets the camera go, and nothing is asked afterwards", async () => {
  const camera = cameraOf();
  const { actions } = see({ openCamera: async () => camera });
  await actions.startCamera();
  await settled();
  actions.stopCamera();
  const { frames } = camera;
  await settled();
  assert.equal(camera.closed, 1);
  assert.equal(camera.frames, frames);
  assert.equal(actions.state().camera, null);
});

test("a camera that is not allowed is told beside its button", async () => {
  const openCamera = async () => {
    throw new Refusal("The camera is not allowed.", "Allow it.");
  };
  const { actions } = see({ openCamera });
  await actions.startCamera();
  assert.equal(actions.state().cameraRefusal?.title, "The camera is not allowed.");
  assert.equal(actions.state().starting, false);
});

test("a camera that comes after the visitor gave up is let go at once", async () => {
  const camera = cameraOf();
  /** @type {(camera: any) => void} */
  let come = () => {};
  const openCamera = () =>
    new Promise((resolve) => {
      come = resolve;
    });
  const { actions } = see({ openCamera });
  const starting = actions.startCamera();
  actions.stopCamera();
  come(camera);
  await starting;
  assert.equal(camera.closed, 1);
  assert.equal(actions.state().camera, null);
  assert.equal(actions.state().starting, false);
});

test("a file that is chosen while the camera is being asked for takes its place, even one that is refused", async () => {
  const { actions } = see({ openCamera: () => new Promise(() => {}) });
  actions.startCamera();
  assert.equal(actions.state().starting, true);
  await actions.give(() => {
    throw new Refusal("That is a folder.", "Open it.");
  });
  assert.equal(actions.state().starting, false);
});

test("a camera that is unplugged is told, and let go", async () => {
  const camera = cameraOf();
  let unplug = () => {};
  const openCamera = async (/** @type {() => void} */ onGone) => {
    unplug = onGone;
    return camera;
  };
  const { actions } = see({ openCamera });
  await actions.startCamera();
  unplug();
  assert.equal(actions.state().camera, null);
  assert.equal(camera.closed, 1);
  assert.equal(actions.state().cameraRefusal?.title, "The camera has stopped.");
});

test("a hidden page lets frames pass, also where it was hidden before the camera came", async () => {
  const camera = cameraOf();
  const { actions } = see({ openCamera: async () => camera });
  actions.setHidden(true);
  await actions.startCamera();
  await settled();
  assert.equal(camera.frames, 0);
  actions.setHidden(false);
  await settled();
  assert.ok(camera.frames > 0);
  actions.stopCamera();
});

test("a model that fails on a frame ends the camera and is told", async () => {
  const predict = async () => {
    throw Object.assign(new Error("no memory"), { kind: "model" });
  };
  const camera = cameraOf();
  const { actions } = see({ predictor: () => ({ predict }), openCamera: async () => camera });
  await actions.startCamera();
  await settled();
  assert.equal(camera.closed, 1);
  assert.match(String(actions.state().failure), /no memory/);
});

test("probabilities have as many digits as matter", () => {
  const scores = [1, 0.9995, 0.97, 0.0999, 0.0421, 0.00951, 0.0003, 0.00001, 0];
  const texts = ["100 %", "over 99.9 %", "97 %", "10 %", "4.2 %", "1.0 %", "0.03 %", "under 0.01 %", "under 0.01 %"];
  assert.deepEqual(scores.map(scoreText), texts);
});

test("nothing seen is no sentence", () => {
  assert.equal(sentenceOf("A cat", []), "");
});
