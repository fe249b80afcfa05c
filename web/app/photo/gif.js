// The header of a GIF file. No DOM.

/** @typedef {import("./bytes.js").Bytes} Bytes */

const IMAGE = 0x2c;
const EXTENSION = 0x21;

/**
 * @param {Bytes} file
 * @returns {import("./header.js").Size} browsers widen the screen to a first frame that is larger than it
 *
 * References
 * ----------
 * CompuServe, Graphics Interchange Format, Version 89a (1990): 18 Logical Screen Descriptor, 20 Image Descriptor.
 */
export function readGif(file) {
  const frames = framesOf(file, 2);
  const [first = { right: 0, bottom: 0 }] = frames;
  return {
    width: Math.max(file.integer(6, 2, true), first.right),
    height: Math.max(file.integer(8, 2, true), first.bottom),
    moving: frames.length > 1,
  };
}

/**
 * Where frames end, of the first so many.
 *
 * @param {Bytes} file
 * @param {number} most
 */
function framesOf(file, most) {
  const frames = [];
  let at = 13 + tableBytes(file.integer(10, 1));
  while (at < file.length && frames.length < most) {
    const kind = file.integer(at, 1);
    if (kind === EXTENSION) {
      at = afterBlocks(file, at + 2);
    } else if (kind === IMAGE) {
      const [left = 0, top = 0, width = 0, height = 0] = [1, 3, 5, 7].map((place) => file.integer(at + place, 2, true));
      frames.push({ right: left + width, bottom: top + height });
      at = afterBlocks(file, at + 11 + tableBytes(file.integer(at + 9, 1)));
    } else break;
  }
  return frames;
}

/** Bytes of the colour table that a packed field announces. @param {number} packed */
function tableBytes(packed) {
  return packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0;
}

/** The place after a chain of data blocks. @param {Bytes} file @param {number} start */
function afterBlocks(file, start) {
  let at = start;
  while (file.integer(at, 1) !== 0) at += 1 + file.integer(at, 1);
  return at + 1;
}
