import assert from "node:assert/strict";
import { test } from "node:test";
import {
  admitHeader,
  admitPixels,
  admitSize,
  FILE_LIMIT_BYTES,
  undecoded,
} from "../../../../web/app/photo/admission.js";
import { Refusal } from "../../../../web/app/refusal.js";
import { IMAGE_PIXELS } from "../../../../web/generated/vocabulary.js";

const FORMATS = ["JPEG", "PNG"];

/** @param {() => unknown} action */
function refusal(action) {
  try {
    action();
  } catch (reason) {
    assert.ok(reason instanceof Refusal);
    return `${reason.title} | ${reason.advice}`;
  }
  return assert.fail("nothing was refused");
}

/** @param {number} width @param {number} height */
const png = (width, height) => {
  const bytes = new Uint8Array(33 + 12);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  new DataView(bytes.buffer).setUint32(16, width);
  new DataView(bytes.buffer).setUint32(20, height);
  bytes.set(text("IEND"), 33 + 4);
  return bytes;
};

const text = (/** @type {string} */ words) => new TextEncoder().encode(words);

test("empty and huge files are refused by their size", () => {
  assert.match(
    refusal(() => admitSize(0)),
    /^That file is empty\. \| It has 0 bytes/,
  );
  assert.match(
    refusal(() => admitSize(FILE_LIMIT_BYTES + 1)),
    /^That file has 50\.0 MB\. \| Files of up to 50\.0 MB/,
  );
  admitSize(1);
  admitSize(FILE_LIMIT_BYTES);
});

test("as many pixels as the contract takes are admitted, and not one row more", () => {
  assert.equal(admitHeader(png(8000, 5000), FORMATS).width, 8000);
  assert.equal(8000 * 5000, IMAGE_PIXELS);
  const words = refusal(() => admitHeader(png(8000, 5001), FORMATS));
  assert.match(words, /^That picture has 8,000 × 5,001 pixels\. \| Up to 40 million pixels .* not opened/);
});

test("a side that some canvases cannot hold is refused, whatever the other", () => {
  assert.match(
    refusal(() => admitPixels(16_385, 1)),
    /16,385 × 1 pixels\. \| No side may be longer than 16,384/,
  );
  admitPixels(16_384, 2);
});

test("a size that overflows 32 bits is still too large", () => {
  assert.match(
    refusal(() => admitHeader(png(0xffffffff, 0xffffffff), FORMATS)),
    /Up to 40 million pixels/,
  );
});

test("what is no picture, a drawing or cut off is told apart, with the formats that help", () => {
  const program = refusal(() => admitHeader(text("MZ\x90\0"), FORMATS));
  assert.equal(program, "That file is not a picture, whatever its name says. | Choose a JPEG or PNG file.");
  assert.match(
    refusal(() => admitHeader(text("<svg/>"), FORMATS)),
    /^That is a drawing \(SVG\), not a photo/,
  );
  assert.match(
    refusal(() => admitHeader(png(0, 7), FORMATS)),
    /^That PNG file is damaged or cut off/,
  );
  assert.match(
    refusal(() => admitHeader(png(9, 7).subarray(0, 40), FORMATS)),
    /^That PNG file is damaged or cut off/,
  );
});

test("a format that the browser does not read is told from a damaged file", () => {
  assert.match(undecoded("PNG", FORMATS).title, /damaged or cut off/);
  const { title, advice } = undecoded("HEIC", FORMATS);
  assert.equal(title, "This browser does not read HEIC files.");
  assert.equal(advice, "It reads JPEG and PNG: export the photo as JPEG, for example.");
});
