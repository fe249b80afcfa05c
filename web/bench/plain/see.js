/**
 * The see pipeline, ported to JavaScript by hand from `models/see/pipeline.py`: a photo to the network's input, and its
 * probabilities to the most likely classes.
 *
 * This is what a site does without Foreshore, and it is here to be measured against.
 */

import { readPhoto } from "./images.js";
import { resizeMiddle } from "./resize.js";

/**
 * @typedef {{photo: import("./images.js").Photo}} PhotoRecord
 * @typedef {import("../measure/answer.js").Ranked} Ranked
 */

const SIZE = 224;
/** Share of the shorter side that is kept. */
const CROPPED = SIZE / (SIZE + 32);
const MEAN = 127;
const SCALE = 128;
const CHANNELS = 3;
const PIXELS = SIZE * SIZE;
const TOP = 5;

/**
 * @param {PhotoRecord["photo"]} photo
 * @param {Float32Array} pixels (N, 3, 224, 224).
 * @param {number} start Of the photo's.
 */
function writePixels(photo, pixels, start) {
  const read = readPhoto(photo);
  const crop = Math.max(1, Math.floor(CROPPED * Math.min(read.width, read.height)));
  resizeMiddle(read, crop, SIZE, (row, column, red, green, blue) => {
    const at = start + row * SIZE + column;
    pixels[at] = normalised(red);
    pixels[at + PIXELS] = normalised(green);
    pixels[at + 2 * PIXELS] = normalised(blue);
  });
}

/** @param {number} brightness */
function normalised(brightness) {
  return (Math.min(255, Math.max(0, brightness)) - MEAN) / SCALE;
}

/**
 * The highest scores, the highest first; among equals those that stand first.
 *
 * @param {Float32Array} scores
 * @returns {Ranked[]}
 */
function ranking(scores) {
  /** @type {Ranked[]} */
  const best = [];
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index];
    if (best.length === TOP && score <= best[TOP - 1].score) continue;
    const place = best.findIndex((other) => other.score < score);
    best.splice(place < 0 ? best.length : place, 0, { index, score });
    best.length = Math.min(best.length, TOP);
  }
  return best;
}

/** @type {import("./pipelines.js").PlainPipeline<PhotoRecord>} */
export const see = {
  noun: "photo",
  plans: {
    quick: { starts: 2, warm_up_calls: 5, rounds: 2, samples_per_turn: { 1: 3, 8: 1 }, windows: null },
    full: { starts: 3, warm_up_calls: 15, rounds: 10, samples_per_turn: { 1: 8, 8: 2 }, windows: null },
  },
  target_ms: null,
  prepare: (records) => {
    const data = new Float32Array(records.length * CHANNELS * PIXELS);
    for (const [row, { photo }] of records.entries()) writePixels(photo, data, row * CHANNELS * PIXELS);
    return { feeds: { pixels: { data, dims: [records.length, CHANNELS, SIZE, SIZE] } } };
  },
  decode: ({ data, dims: [rows, classes] }) =>
    Array.from({ length: rows }, (_, row) =>
      ranking(/** @type {Float32Array} */ (data).subarray(row * classes, (row + 1) * classes)),
    ),
};
