import assert from "node:assert/strict";
import { test } from "node:test";
import { IMAGE_PIXELS, IMAGE_SIDE } from "../../../../web/generated/vocabulary.js";
import { base64OfBytes } from "../../../../web/shared/base64.js";
import { imageColumns, Pixels, readImage } from "../../../../web/shared/images.js";
import { recordsForPython, recordsToJson, snapshots } from "../../../../web/shared/records.js";

/** @param {{width: number, height: number, data: any}} image */
function read(image) {
  const pixels = readImage(image);
  assert.ok(pixels);
  return pixels;
}

test("an ImageData is an image, over white where it is not opaque", () => {
  const data = new Uint8ClampedArray([10, 20, 30, 255, 0, 0, 0, 0]);
  assert.deepEqual([...read({ width: 2, height: 1, data }).data], [10, 20, 30, 255, 255, 255]);
});

test("base64 is read as the bytes that it stands for", () => {
  assert.deepEqual([...read({ width: 1, height: 1, data: "/wAB" }).data], [255, 0, 1]);
});

test("what was read is a copy", () => {
  const data = new Uint8Array([1, 2, 3]);
  const pixels = read({ width: 1, height: 1, data });
  data[0] = 9;
  assert.equal(pixels.data[0], 1);
});

test("a large image is averaged, so that no side is longer than a column's", () => {
  const width = 2 * IMAGE_SIDE;
  const data = Uint8Array.from({ length: width * 2 * 3 }, (_, place) => (place % 6 < 3 ? 10 : 21));
  const pixels = read({ width, height: 2, data });
  assert.deepEqual([pixels.width, pixels.height, pixels.data[0]], [IMAGE_SIDE, 1, 16]);
});

const REFUSED = {
  "no object": 7,
  "too few bytes": { width: 2, height: 1, data: new Uint8Array(3) },
  "no bytes": { width: 1, height: 1, data: [1, 2, 3] },
  "no base64": { width: 1, height: 1, data: "!!!!" },
  "no size": { width: 0, height: 1, data: new Uint8Array() },
  "more pixels than are taken": { width: IMAGE_PIXELS + 1, height: 1, data: new Uint8Array() },
};
for (const [label, value] of Object.entries(REFUSED)) {
  test(`is no image: ${label}`, () => assert.equal(readImage(value), null));
}

test("a batch is padded to its largest image", () => {
  const one = new Pixels(1, 2, Uint8Array.of(1, 2, 3, 4, 5, 6));
  const other = new Pixels(2, 1, Uint8Array.of(7, 8, 9, 10, 11, 12));
  const columns = imageColumns("photo", [one, other]);
  assert.deepEqual(columns.photo.dims, [2, 2, 2, 3]);
  assert.deepEqual([...columns.photo_height.data, ...columns.photo_width.data], [2, 1, 1, 2]);
  assert.deepEqual(
    [.../** @type {Uint8Array} */ (columns.photo.data)].slice(0, 12),
    [1, 2, 3, 0, 0, 0, 4, 5, 6, 0, 0, 0],
  );
});

test("images go to Python apart from the text, each once", () => {
  const photo = { width: 1, height: 1, data: new Uint8Array([1, 2, 3]) };
  const { records, images } = recordsForPython(
    snapshots([
      { photo, count: 2 },
      { photo, count: 3 },
    ]),
  );
  assert.deepEqual(JSON.parse(records), [
    { photo: { width: 1, height: 1, data: 0 }, count: 2 },
    { photo: { width: 1, height: 1, data: 1 }, count: 3 },
  ]);
  assert.deepEqual(
    images.map((each) => [...each]),
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
  );
  assert.notEqual(images[0].buffer, images[1].buffer);
});

test("as JSON an image's data is base64, whatever its length", () => {
  for (const length of [1, 2, 3, 5000]) {
    const data = Uint8Array.from({ length: 3 * length }, (_, place) => (place * 37) % 256);
    const [{ photo }] = JSON.parse(recordsToJson(snapshots([{ photo: { width: length, height: 1, data } }])));
    assert.equal(photo.data, Buffer.from(read({ width: length, height: 1, data }).data).toString("base64"));
  }
  assert.equal(base64OfBytes(Uint8Array.of(1)), "AQ==");
  assert.equal(base64OfBytes(Uint8Array.of(1, 2)), "AQI=");
});
