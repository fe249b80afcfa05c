import assert from "node:assert/strict";
import { test } from "node:test";
import { refused, unplugged } from "../../../../web/app/camera/refused.js";
import { Refusal } from "../../../../web/app/refusal.js";

test("each reason of a browser is told with what to do about it", () => {
  assert.match(refused(new DOMException("", "NotAllowedError")).message, /not allowed.*Allow it for this site/);
  assert.match(refused(new DOMException("", "NotFoundError")).message, /no camera.*Connect one/);
  assert.match(refused(new DOMException("", "NotReadableError")).message, /Another program/);
});

test("a reason that nobody knows is told as it came", () => {
  const told = refused(new DOMException("out of order", "StrangeError"));
  assert.ok(told instanceof Refusal);
  assert.equal(told.advice, "StrangeError: out of order");
  assert.ok(refused(undefined) instanceof Refusal);
});

test("a camera that went says how to have it back", () => {
  assert.match(unplugged().message, /has stopped\..*unplugged.*start it again/);
});
