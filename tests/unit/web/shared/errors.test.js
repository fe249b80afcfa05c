import assert from "node:assert/strict";
import { test } from "node:test";
import { asForeshoreError, ForeshoreError, notImported } from "../../../../web/shared/errors.js";

const PROBLEM = { row: 3, field: "gate", got: "27", expected: "an integer", message: "gate: got 27 (row 3)" };

test("an error keeps all it says through a structured clone", () => {
  const error = new ForeshoreError("validation", "gate: got 27", { field: "gate", row: 3, problems: [PROBLEM] });
  const back = ForeshoreError.fromJSON(structuredClone(error.toJSON()));
  assert.ok(back instanceof ForeshoreError);
  assert.deepEqual(back.toJSON(), error.toJSON());
  assert.deepEqual([back.name, back.message], ["ForeshoreError", "gate: got 27"]);
});

test("an error without a place has none", () => {
  const { field, row, problems } = new ForeshoreError("model", "no");
  assert.deepEqual({ field, row, problems }, { field: null, row: null, problems: [] });
});

test("what is thrown becomes an error of the given kind, its cause kept", () => {
  const cause = new RangeError("too deep");
  const error = asForeshoreError(cause, "network");
  assert.deepEqual([error.kind, error.message, error.cause], ["network", "RangeError: too deep", cause]);
});

test("an error of ours stays itself", () => {
  const error = new ForeshoreError("artefact", "cut short");
  assert.equal(asForeshoreError(error, "network"), error);
});

test("an abort is a cancellation", () => {
  assert.equal(asForeshoreError(AbortSignal.abort().reason, "network").kind, "cancelled");
});

test("what is thrown and is no error is told as text", () => {
  assert.equal(asForeshoreError("odd").message, "odd");
  assert.equal(asForeshoreError(undefined).kind, "internal");
});

test("a script that could not be imported is the network's fault, in every browser's words", () => {
  for (const words of [
    "Failed to fetch dynamically imported module: https://site.example/a.js",
    "error loading dynamically imported module: https://site.example/a.js",
    "Importing a module script failed.",
    "no available backend found. ERR: [wasm] TypeError: Failed to fetch dynamically imported module: a.mjs",
  ]) {
    const error = notImported(new TypeError(words), "a.js");
    assert.equal(error?.kind, "network");
    assert.ok(error?.message.startsWith("a.js: "));
  }
  assert.equal(notImported(new SyntaxError("Unexpected token"), "a.js"), null);
});
