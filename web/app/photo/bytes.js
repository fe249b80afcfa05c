// The bytes of a file as headers are read from them. No DOM.

/** Nothing is read beyond the end: what is not there is zero. */
export class Bytes {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length() {
    return this.bytes.length;
  }

  /**
   * Such as "IHDR"; characters beyond the end are left out.
   *
   * @param {number} at
   * @param {number} length
   */
  text(at, length) {
    return String.fromCharCode(...this.bytes.subarray(at, at + length));
  }

  /**
   * An unsigned integer; 0 where the file ends before it.
   *
   * @param {number} at
   * @param {1 | 2 | 3 | 4} width bytes
   * @param {boolean} [little] whether its lowest byte comes first
   */
  integer(at, width, little = false) {
    let value = 0;
    for (let index = 0; index < width; index += 1) {
      value = value * 256 + (this.bytes[at + (little ? width - 1 - index : index)] ?? 0);
    }
    return value;
  }

  /** @param {number} at @param {number} end @param {string} text where it next stands, -1 if nowhere */
  find(at, end, text) {
    for (let place = at; place <= Math.min(end, this.length) - text.length; place += 1) {
      if (this.bytes[place] === text.charCodeAt(0) && this.text(place, text.length) === text) return place;
    }
    return -1;
  }
}
