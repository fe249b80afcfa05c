import assert from "node:assert/strict";
import { test } from "node:test";
import { readHeader } from "../../../../web/app/photo/header.js";

const bytes = (/** @type {(string | number[])[]} */ ...parts) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === "string" ? [...part].map((each) => each.charCodeAt(0)) : part)),
  );

const zeros = (/** @type {number} */ count) => new Array(count).fill(0);

test("the size of a decompression bomb is told from its first 24 bytes", () => {
  const bomb = bytes("\x89PNG\r\n\x1a\n", [0, 0, 0, 13], "IHDR", [0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
  assert.deepEqual(readHeader(bomb), {
    format: "PNG",
    width: 100_000,
    height: 100_000,
    moving: false,
    cut: true,
  });
});

test("a PNG is whole where its last chunk is there in full", () => {
  const start = bytes("\x89PNG\r\n\x1a\n", [0, 0, 0, 13], "IHDR", [0, 0, 0, 2, 0, 0, 0, 3], zeros(9));
  const pixels = bytes([0, 0, 0, 4], "IDAT", zeros(8));
  const whole = bytes([...start], [...pixels], zeros(4), "IEND", zeros(4), "what follows is nobody's business");
  const size = { format: "PNG", width: 2, height: 3, moving: false };
  assert.deepEqual(readHeader(whole), size);
  for (const length of [start.length, start.length + 10, start.length + 16, start.length + 16 + 11]) {
    assert.deepEqual(readHeader(whole.subarray(0, length)), { ...size, cut: true });
  }
});

test("fill bytes and segments before a JPEG's frame are passed over", () => {
  const start = [0xff, 0xd8, 0xff, 0xff, 0xe1, 0, 6, 0xff, 0xc0, 0, 0];
  const frame = [0xff, 0xc2, 0, 11, 8, 0x01, 0x02, 0x03, 0x04];
  assert.deepEqual(readHeader(bytes(start, frame)), { format: "JPEG", width: 0x304, height: 0x102, moving: false });
});

test("tables before a JPEG's frame are no frames", () => {
  const tables = [0xff, 0xc4, 0, 9, 8, 9, 9, 9, 9, 9, 9, 0xff, 0xcc, 0, 9, 8, 9, 9, 9, 9, 9, 9];
  const frame = [0xff, 0xc0, 0, 11, 8, 0, 30, 0, 40];
  const header = readHeader(bytes([0xff, 0xd8], tables, frame));
  assert.deepEqual(header, { format: "JPEG", width: 40, height: 30, moving: false });
});

test("a JPEG that reaches its scan, or ends, without a frame has no size", () => {
  for (const rest of [[0xff, 0xda, 0, 2, 0xff, 0xc0, 0, 11, 8, 1, 2, 3, 4], [0x00, 0xff, 0xc0], []]) {
    assert.deepEqual(readHeader(bytes([0xff, 0xd8, 0xff, 0xe0, 0, 2], rest)), {
      format: "JPEG",
      width: 0,
      height: 0,
      moving: false,
    });
  }
});

test("a GIF's frame that reaches beyond its screen counts", () => {
  const screen = bytes("GIF89a", [1, 0, 1, 0, 0, 0, 0]);
  const frame = [0x2c, 10, 0, 0, 0, 0, 0x20, 0, 0x10, 0, 2, 0, 0x3b];
  const header = readHeader(bytes([...screen], frame));
  assert.deepEqual(header, { format: "GIF", width: 0x2000 + 10, height: 0x1000, moving: false });
});

test("old and upside-down bitmaps have sizes too", () => {
  const core = bytes("BM", zeros(12), [12, 0, 0, 0, 0x40, 0x01, 0xf0, 0x00], zeros(4));
  assert.deepEqual(readHeader(core), { format: "BMP", width: 320, height: 240, moving: false });
  const upsideDown = bytes("BM", zeros(12), [40, 0, 0, 0, 8, 0, 0, 0, 0xf6, 0xff, 0xff, 0xff]);
  assert.deepEqual(readHeader(upsideDown), { format: "BMP", width: 8, height: 10, moving: false });
});

test("HEIC is told by its brand, and its size is that of the whole, not of its tiles", () => {
  const brands = bytes([0, 0, 0, 24], "ftypheic", zeros(4), "mif1heic");
  const tile = bytes([0, 0, 0, 20], "ispe", zeros(4), [0, 0, 2, 0, 0, 0, 2, 0]);
  const whole = bytes([0, 0, 0, 20], "ispe", zeros(4), [0, 0, 0x0f, 0xc0, 0, 0, 0x0b, 0xd0]);
  const header = readHeader(bytes([...brands], [...tile], [...whole], [...tile]));
  assert.deepEqual(header, { format: "HEIC", width: 4032, height: 3024, moving: false });
});

test("drawings are told from pictures, with or without a declaration before them", () => {
  for (const text of ["<svg/>", '<?xml version="1.0"?>\n<svg width="9">', "\xef\xbb\xbf  <!-- a -->\n<svg >"]) {
    assert.equal(readHeader(bytes(text))?.format, "SVG");
  }
});

test("what is no picture has no header", () => {
  for (const file of [
    [],
    "MZ\x90\0",
    "\x7fELF",
    "PK\x03\x04",
    "<html><body>",
    "hello",
    "\0".repeat(64),
    "RIFF1234WAVE",
  ]) {
    assert.equal(readHeader(bytes(file)), null);
  }
});
