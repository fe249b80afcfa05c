import assert from "node:assert/strict";
import { test } from "node:test";
import { isSoftware } from "../../../../web/bench/contenders/device.js";

test("adapters that are programs on the processor are told from GPUs", () => {
  for (const adapter of [
    "google swiftshader SwiftShader Device",
    "mesa llvmpipe",
    "microsoft Basic Render Driver",
    "x (in software)",
  ])
    assert.equal(isSoftware(adapter), true, adapter);
  for (const adapter of ["nvidia ampere", "apple metal-3", "intel gen-12lp", "qualcomm adreno-7xx"])
    assert.equal(isSoftware(adapter), false, adapter);
});
