/** A channel with a border of zeros around it, so that a kernel that reaches over the edge needs no test in its loop. */

/**
 * @typedef {object} Window Where a kernel looks, and how it moves; rows first.
 * @property {[number, number]} size Of the image's channel.
 * @property {[number, number]} kernel
 * @property {[number, number]} stride
 * @property {[number, number, number, number]} pads Above, to the left, below, to the right.
 */

export class Border {
  /** @param {Window} window */
  constructor({ size: [height, width], kernel, stride, pads: [above, left, below, right] }) {
    this.height = height;
    this.width = width;
    /** From row to row. */
    this.pitch = left + width + right;
    this.rows = above + height + below;
    this.origin = above * this.pitch + left;
    /** Places of the kernel, rows first. */
    this.places = [
      Math.floor((this.rows - kernel[0]) / stride[0]) + 1,
      Math.floor((this.pitch - kernel[1]) / stride[1]) + 1,
    ];
    /** Doubles, as the sums are: what is read many times is converted once. */
    this.plane = new Float64Array(this.rows * this.pitch);
  }

  /**
   * @param {Float32Array} from
   * @param {number} start Of the channel.
   * @returns {Float64Array} Valid until the next call.
   */
  fill(from, start) {
    const { height, width, pitch, origin, plane } = this;
    for (let row = 0; row < height; row++)
      plane.set(from.subarray(start + row * width, start + (row + 1) * width), origin + row * pitch);
    return plane;
  }
}
