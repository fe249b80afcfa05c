/**
 * One dense layer: `to = max(from x weights + bias, floor)`.
 *
 * Weights are packed once into panels of four outputs, so that the inner loop reads both operands in order, and four
 * rows share each panel's loads. Sums are doubles, as JavaScript's numbers are: rounding each of them to float32
 * (`Math.fround`) took three times as long in V8.
 */

/**
 * @typedef {object} Layer
 * @property {number} inputs
 * @property {number} stride From row to row of the input: `inputs`, or more where that was padded.
 * @property {number} outputs Padded to whole panels.
 * @property {Float32Array} panels (outputs / PANEL, inputs, PANEL).
 * @property {Float32Array} bias Zero in the padding.
 * @property {number} floor What activations are raised to: 0 for ReLU.
 */

export const PANEL = 4;
const TILE_ROWS = 4;

/**
 * @param {number} outputs
 * @returns {number} Of whole panels.
 */
export function paddedWidth(outputs) {
  return Math.ceil(outputs / PANEL) * PANEL;
}

/**
 * @param {Float32Array} weights (inputs, outputs).
 * @param {number} inputs
 * @param {number} outputs
 * @returns {Float32Array} (outputs / PANEL, inputs, PANEL), zero where the last panel is not full.
 */
export function packPanels(weights, inputs, outputs) {
  const panels = new Float32Array(paddedWidth(outputs) * inputs);
  for (let input = 0; input < inputs; input++)
    for (let output = 0; output < outputs; output++) {
      const panel = Math.floor(output / PANEL);
      panels[(panel * inputs + input) * PANEL + (output % PANEL)] = weights[input * outputs + output];
    }
  return panels;
}

/**
 * @param {Layer} layer
 * @param {Float32Array} from (rows, stride) at `offset`.
 * @param {number} offset
 * @param {number} rows
 * @param {Float32Array} to (rows, outputs).
 */
export function dense(layer, from, offset, rows, to) {
  let row = 0;
  for (; row + TILE_ROWS <= rows; row += TILE_ROWS)
    denseFourRows(layer, from, offset + row * layer.stride, to, row * layer.outputs);
  for (; row < rows; row++) denseRow(layer, from, offset + row * layer.stride, to, row * layer.outputs);
}

/**
 * @param {Float32Array} to
 * @param {number} place
 * @param {number} floor
 * @param {number} s0
 * @param {number} s1
 * @param {number} s2
 * @param {number} s3
 */
function store(to, place, floor, s0, s1, s2, s3) {
  to[place] = Math.max(s0, floor);
  to[place + 1] = Math.max(s1, floor);
  to[place + 2] = Math.max(s2, floor);
  to[place + 3] = Math.max(s3, floor);
}

/**
 * @param {Layer} layer
 * @param {Float32Array} from
 * @param {number} start
 * @param {Float32Array} to
 * @param {number} place
 */
function denseRow({ inputs, outputs, panels, bias, floor }, from, start, to, place) {
  let at = 0;
  for (let output = 0; output < outputs; output += PANEL) {
    let s0 = bias[output];
    let s1 = bias[output + 1];
    let s2 = bias[output + 2];
    let s3 = bias[output + 3];
    for (let input = 0; input < inputs; input++, at += PANEL) {
      const x = from[start + input];
      s0 += x * panels[at];
      s1 += x * panels[at + 1];
      s2 += x * panels[at + 2];
      s3 += x * panels[at + 3];
    }
    store(to, place + output, floor, s0, s1, s2, s3);
  }
}

/**
 * Four rows at once: sixteen sums, and each weight is loaded once for four products. Unrolled by hand, since V8 neither
 * unrolls nor vectorises, and this is the loop where nearly all of the time goes.
 *
 * @param {Layer} layer
 * @param {Float32Array} from
 * @param {number} start
 * @param {Float32Array} to
 * @param {number} place
 */
function denseFourRows({ inputs, stride, outputs, panels, bias, floor }, from, start, to, place) {
  const second = start + stride;
  const third = second + stride;
  const fourth = third + stride;
  let at = 0;
  for (let output = 0; output < outputs; output += PANEL) {
    let a0 = bias[output];
    let a1 = bias[output + 1];
    let a2 = bias[output + 2];
    let a3 = bias[output + 3];
    let b0 = a0;
    let b1 = a1;
    let b2 = a2;
    let b3 = a3;
    let c0 = a0;
    let c1 = a1;
    let c2 = a2;
    let c3 = a3;
    let d0 = a0;
    let d1 = a1;
    let d2 = a2;
    let d3 = a3;
    for (let input = 0; input < inputs; input++, at += PANEL) {
      const w0 = panels[at];
      const w1 = panels[at + 1];
      const w2 = panels[at + 2];
      const w3 = panels[at + 3];
      let x = from[start + input];
      a0 += x * w0;
      a1 += x * w1;
      a2 += x * w2;
      a3 += x * w3;
      x = from[second + input];
      b0 += x * w0;
      b1 += x * w1;
      b2 += x * w2;
      b3 += x * w3;
      x = from[third + input];
      c0 += x * w0;
      c1 += x * w1;
      c2 += x * w2;
      c3 += x * w3;
      x = from[fourth + input];
      d0 += x * w0;
      d1 += x * w1;
      d2 += x * w2;
      d3 += x * w3;
    }
    store(to, place + output, floor, a0, a1, a2, a3);
    store(to, place + outputs + output, floor, b0, b1, b2, b3);
    store(to, place + 2 * outputs + output, floor, c0, c1, c2, c3);
    store(to, place + 3 * outputs + output, floor, d0, d1, d2, d3);
  }
}
