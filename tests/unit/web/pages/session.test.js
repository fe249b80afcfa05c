import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession } from "../../../../web/app/session.js";

/** An `open` whose attempts the test settles itself. */
function controlledOpen() {
  /** @type {{ options: any, resolve: (predictor: any) => void, reject: (error: unknown) => void }[]} */
  const attempts = [];
  const open = (/** @type {string} */ _name, /** @type {any} */ options) =>
    new Promise((resolve, reject) => {
      options.signal.addEventListener("abort", () => reject(options.signal.reason));
      attempts.push({ options, resolve, reject });
    });
  return { attempts, open: /** @type {any} */ (open) };
}

function predictor() {
  const state = { closed: false };
  const close = async () => {
    state.closed = true;
  };
  return { state, close };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("an opened pipeline makes the session ready, with progress on the way", async () => {
  const { attempts, open } = controlledOpen();
  const session = createSession("eta", open, () => {});
  session.start();
  attempts[0].options.onProgress(0.5, { phase: "pipeline", loaded_bytes: 1, total_bytes: 2 });
  assert.equal(session.state().progress?.fraction, 0.5);
  attempts[0].resolve(predictor());
  await settled();
  assert.equal(session.state().status, "ready");
});

test("cancelling is told apart from failing, and starting again is possible after both", async () => {
  const { attempts, open } = controlledOpen();
  const session = createSession("eta", open, () => {});
  session.start();
  session.cancel();
  await settled();
  assert.equal(session.state().status, "cancelled");
  session.start();
  attempts[1].reject(new Error("offline"));
  await settled();
  assert.equal(session.state().status, "error");
  session.start();
  attempts[2].resolve(predictor());
  await settled();
  assert.equal(session.state().status, "ready");
  assert.equal(session.state().failure, null);
});

test("another variant loads while the one before still answers, which is closed only then", async () => {
  const { attempts, open } = controlledOpen();
  const session = createSession("eta", open, () => {});
  const [first, second] = [predictor(), predictor()];
  session.start();
  attempts[0].resolve(first);
  await settled();
  session.start({ variant: "int8" });
  assert.equal(attempts[1].options.variant, "int8");
  assert.equal(session.state().predictor, first);
  assert.equal(first.state.closed, false);
  attempts[1].resolve(second);
  await settled();
  assert.equal(session.state().predictor, second);
  assert.equal(first.state.closed, true);
});

test("an engine can be chosen, and the variant stays", async () => {
  const { attempts, open } = controlledOpen();
  const session = createSession("eta", open, () => {});
  session.start({ variant: "int8" });
  session.start({ engine: "graph" });
  const { engine, variant } = attempts[1].options;
  assert.deepEqual(
    { engine, variant, first: attempts[0].options.engine },
    { engine: "graph", variant: "int8", first: "auto" },
  );
});

test("a start drops the one under way: its failure is not shown", async () => {
  const { attempts, open } = controlledOpen();
  const session = createSession("eta", open, () => {});
  session.start();
  session.start({ variant: "fp32" });
  await settled();
  assert.equal(session.state().status, "loading");
  attempts[1].resolve(predictor());
  await settled();
  assert.equal(session.state().status, "ready");
});

test("a pipeline that opens after it was cancelled is closed and not used", async () => {
  const late = predictor();
  /** @type {(predictor: any) => void} */
  let resolve = () => {};
  const open = () => new Promise((done) => (resolve = done));
  const session = createSession("eta", /** @type {any} */ (open), () => {});
  session.start();
  session.cancel();
  resolve(late);
  await settled();
  assert.equal(late.state.closed, true);
  assert.equal(session.state().status, "cancelled");
  assert.equal(session.state().predictor, null);
});

test("what opens is told the consent of the moment, which is off at first", async () => {
  const { attempts, open } = controlledOpen();
  const session = createSession("eta", open, () => {});
  session.start();
  const { consent } = attempts[0].options;
  assert.equal(consent(), false);
  attempts[0].resolve(predictor());
  await settled();
  session.agree(true);
  assert.equal(consent(), true);
  assert.equal(attempts.length, 1, "a device that can is not opened again");
});

test("consent gives what failed here another try, and taking it back ends what the server alone answers", async () => {
  const { attempts, open } = controlledOpen();
  const session = createSession("eta", open, () => {});
  session.start();
  attempts[0].reject(new Error("out of memory"));
  await settled();
  session.agree(true);
  assert.equal(session.state().status, "loading");
  attempts[1].resolve({ ...predictor(), engine: "cloud" });
  await settled();
  session.agree(false);
  assert.equal(attempts.length, 3);
  assert.equal(attempts[2].options.consent(), false);
});
