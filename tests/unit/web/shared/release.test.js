import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asChannel,
  asRelease,
  pipelineOf,
  variantOf,
  wantedFile,
  wantedFolder,
} from "../../../../web/shared/release.js";

const SHA256 = "0".repeat(64);
const VARIANTS = [
  { name: "fp32", file: "assets/eta-fp32.onnx", size_bytes: 9, quality: {} },
  { name: "int8", file: "assets/eta-int8.onnx", size_bytes: 3, quality: {} },
];
const RELEASE = /** @type {import("../../../../web/shared/release.js").Release} */ (
  /** @type {unknown} */ ({
    format: 1,
    id: "0123456789abcdef",
    entry: {},
    files: {
      "assets/python/lock.json": { sha256: SHA256, size_bytes: 7 },
      "assets/python/core.wasm": { sha256: SHA256, size_bytes: 8 },
      "assets/other.js": { sha256: SHA256, size_bytes: 9 },
    },
    pipelines: { eta: { variants: VARIANTS, default_variant: "int8" } },
  })
);

test("a channel needs a manifest and its hash", () => {
  const channel = { release: "r", manifest: "releases/r/release.json", sha256: SHA256, sequence: 1 };
  assert.equal(asChannel(channel, "u"), channel);
  for (const wrong of [null, 5, {}, { ...channel, sha256: "no hash" }, { ...channel, manifest: 7 }]) {
    assert.throws(() => asChannel(wrong, "u"), { kind: "artefact", message: /^u: got no manifest/ });
  }
});

test("a manifest of another format is refused with both formats", () => {
  assert.equal(asRelease(RELEASE, "u"), RELEASE);
  assert.throws(() => asRelease({ ...RELEASE, format: 2 }, "u"), {
    kind: "artefact",
    message: /got format 2, expected 1/,
  });
  assert.throws(() => asRelease(null, "u"), { kind: "artefact" });
});

test("a file is wanted by its whole URL, hash and size", () => {
  assert.deepEqual(wantedFile(RELEASE, "assets/other.js", "http://here/"), {
    url: "http://here/assets/other.js",
    sha256: SHA256,
    size_bytes: 9,
  });
});

test("a file that the release does not name is an incomplete release", () => {
  assert.throws(() => wantedFile(RELEASE, "assets/else.js", "http://here/"), {
    kind: "artefact",
    message: /assets\/else.js/,
  });
});

test("a folder's files go by their names within it", () => {
  const wanted = wantedFolder(RELEASE, "assets/python/", "http://here/");
  assert.deepEqual(Object.keys(wanted), ["lock.json", "core.wasm"]);
  assert.equal(wanted["core.wasm"].url, "http://here/assets/python/core.wasm");
});

test("an unknown pipeline is refused with the known ones", () => {
  assert.equal(pipelineOf(RELEASE, "eta"), RELEASE.pipelines.eta);
  for (const name of ["nope", "toString"]) {
    assert.throws(() => pipelineOf(RELEASE, name), {
      kind: "validation",
      field: "pipeline",
      message: /expected one of: eta/,
    });
  }
});

test("without a name the variant is the recommended one", () => {
  const { eta } = RELEASE.pipelines;
  assert.equal(variantOf(eta, undefined).name, "int8");
  assert.equal(variantOf(eta, "fp32").name, "fp32");
  assert.throws(() => variantOf(eta, "fp8"), { kind: "validation", field: "variant", message: /"fp8".*fp32, int8/ });
});
