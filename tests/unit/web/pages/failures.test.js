import assert from "node:assert/strict";
import { test } from "node:test";
import { failureText, threadsNote } from "../../../../web/app/failures.js";
import { ERROR_KINDS } from "../../../../web/generated/vocabulary.js";

test("every kind of error gets a sentence, and the technical one stays at hand", () => {
  for (const kind of ERROR_KINDS.filter((one) => one !== "cancelled" && one !== "unsupported")) {
    const text = failureText({ kind, message: "x.wasm: got status 500, expected 200" });
    assert.ok(text.title.endsWith("."), kind);
    assert.equal(text.detail, "x.wasm: got status 500, expected 200", kind);
  }
});

test("a browser that lacks something is told what, and not offered another try; a lost connection is", () => {
  const unsupported = failureText({ kind: "unsupported", message: "this browser has no WebAssembly; use another" });
  assert.equal(unsupported.advice, "This browser has no WebAssembly; use another.");
  assert.equal(unsupported.retry, false);
  assert.equal(failureText({ kind: "network", message: "" }).retry, true);
});

test("whatever is thrown can be shown", () => {
  assert.equal(failureText(undefined).title, failureText("odd").title);
  assert.equal(failureText(new Error("boom")).detail, "boom");
});

test("the note on threads says why, and only where there is one thread", () => {
  assert.match(threadsNote({ isolated: false, cores: 8 }), /^Single-threaded, because .*cross-origin isolation/);
  assert.match(threadsNote({ isolated: true, cores: 1 }), /one processor core/);
  assert.equal(threadsNote({ isolated: true, cores: 2 }), "");
});
