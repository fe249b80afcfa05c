// The header of a WebP file. No DOM.

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {import("./header.js").Size} Size */

const ANIMATION = 0x02;
const FOURTEEN_BITS = 0x3fff;

/** @type {Record<string, (file: Bytes) => Size>} */
const CHUNKS = {
  VP8X: (file) => ({
    width: 1 + file.integer(24, 3, true),
    height: 1 + file.integer(27, 3, true),
    moving: (file.integer(20, 1) & ANIMATION) !== 0,
  }),
  "VP8 ": (file) => ({
    width: file.integer(26, 2, true) & FOURTEEN_BITS,
    height: file.integer(28, 2, true) & FOURTEEN_BITS,
    moving: false,
  }),
  VP8L: (file) => {
    const bits = file.integer(21, 4, true);
    return { width: 1 + (bits & FOURTEEN_BITS), height: 1 + ((bits >>> 14) & FOURTEEN_BITS), moving: false };
  },
};

/**
 * @param {Bytes} file
 * @returns {Size}
 *
 * References
 * ----------
 * RFC 9649 (WebP): 2.5 to 2.7, 3.4; RFC 6386 (VP8): 9.1.
 */
export function readWebp(file) {
  return CHUNKS[file.text(12, 4)]?.(file) ?? { width: 0, height: 0, moving: false };
}
