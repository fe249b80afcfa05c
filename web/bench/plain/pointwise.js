/**
 * A convolution whose kernel is one pixel: at each pixel a matrix product over the channels.
 *
 * Weights are packed into panels of four output channels; a panel goes over two pixels at a time, which makes eight sums:
 * with sixteen, V8 runs out of registers. Sums are doubles, for the reason that `dense.js` gives.
 */

import { PANEL } from "./dense.js";

/**
 * @typedef {object} Pointwise
 * @property {number} inputs Channels.
 * @property {number} outputs Channels.
 * @property {number} pixels Of an image's channel.
 * @property {Float32Array} panels (outputs / PANEL, inputs, PANEL), as `packPanels` makes them.
 * @property {Float32Array} bias One an output, zero up to whole panels.
 * @property {number} floor What values are raised to, and
 * @property {number} ceiling lowered to.
 */

/** Pixels that all panels go over before the next ones: their channels stay in the second-level cache meanwhile. */
const BLOCK_PIXELS = 1024;

/**
 * Numbers that a kernel may write, in whole panels; those beyond the last channel mean nothing.
 *
 * @param {number} channels
 * @param {number} pixels
 */
export function roomFor(channels, pixels) {
  return (channels + PANEL - 1) * pixels;
}

/**
 * @param {Pointwise} layer
 * @param {Float32Array} from (inputs, pixels).
 * @param {Float32Array} to (outputs, pixels) at `place`, and room for a whole panel at the end; see `roomFor`.
 * @param {number} [place]
 */
export function pointwise(layer, from, to, place = 0) {
  const { outputs, pixels } = layer;
  for (let start = 0; start < pixels; start += BLOCK_PIXELS) {
    const end = Math.min(pixels, start + BLOCK_PIXELS);
    for (let output = 0; output < outputs; output += PANEL)
      multiplyPanel(layer, from, to, { output, start, end, place });
  }
}

/**
 * Unrolled by hand, since V8 neither unrolls nor vectorises, and this is the loop where nearly all of the time goes.
 *
 * @param {Pointwise} layer
 * @param {Float32Array} from
 * @param {Float32Array} to
 * @param {{output: number, start: number, end: number, place: number}} part
 */
function multiplyPanel(layer, from, to, { output, start, end, place }) {
  const { inputs, pixels, panels, bias, floor, ceiling } = layer;
  const first = output * inputs;
  const last = first + PANEL * inputs;
  let pixel = start;
  for (; pixel + 2 <= end; pixel += 2) {
    let a0 = bias[output];
    let a1 = bias[output + 1];
    let a2 = bias[output + 2];
    let a3 = bias[output + 3];
    let b0 = a0;
    let b1 = a1;
    let b2 = a2;
    let b3 = a3;
    for (let at = first, source = pixel; at < last; at += PANEL, source += pixels) {
      const x = from[source];
      const y = from[source + 1];
      const w0 = panels[at];
      const w1 = panels[at + 1];
      const w2 = panels[at + 2];
      const w3 = panels[at + 3];
      a0 += x * w0;
      a1 += x * w1;
      a2 += x * w2;
      a3 += x * w3;
      b0 += y * w0;
      b1 += y * w1;
      b2 += y * w2;
      b3 += y * w3;
    }
    const target = place + output * pixels + pixel;
    store(to, target, pixels, floor, ceiling, a0, a1, a2, a3);
    store(to, target + 1, pixels, floor, ceiling, b0, b1, b2, b3);
  }
  if (pixel < end) multiplyPixel(layer, from, to, { output, pixel, place });
}

/**
 * @param {Pointwise} layer
 * @param {Float32Array} from
 * @param {Float32Array} to
 * @param {{output: number, pixel: number, place: number}} part
 */
function multiplyPixel({ inputs, pixels, panels, bias, floor, ceiling }, from, to, { output, pixel, place }) {
  let s0 = bias[output];
  let s1 = bias[output + 1];
  let s2 = bias[output + 2];
  let s3 = bias[output + 3];
  const first = output * inputs;
  const last = first + PANEL * inputs;
  for (let at = first, source = pixel; at < last; at += PANEL, source += pixels) {
    const x = from[source];
    s0 += x * panels[at];
    s1 += x * panels[at + 1];
    s2 += x * panels[at + 2];
    s3 += x * panels[at + 3];
  }
  store(to, place + output * pixels + pixel, pixels, floor, ceiling, s0, s1, s2, s3);
}

/**
 * @param {Float32Array} to
 * @param {number} target
 * @param {number} pixels From channel to channel.
 * @param {number} floor
 * @param {number} ceiling
 * @param {number} s0
 * @param {number} s1
 * @param {number} s2
 * @param {number} s3
 */
function store(to, target, pixels, floor, ceiling, s0, s1, s2, s3) {
  to[target] = Math.min(Math.max(s0, floor), ceiling);
  to[target + pixels] = Math.min(Math.max(s1, floor), ceiling);
  to[target + 2 * pixels] = Math.min(Math.max(s2, floor), ceiling);
  to[target + 3 * pixels] = Math.min(Math.max(s3, floor), ceiling);
}
