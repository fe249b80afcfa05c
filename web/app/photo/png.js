// The header of a PNG file. No DOM.

/**
 * @param {import("./bytes.js").Bytes} file
 * @returns {import("./header.js").Size}
 *
 * References
 * ----------
 * W3C, PNG (Third Edition): 5 Datastream structure, 11.2.1 IHDR, 11.3.6.1 acTL.
 */
export function readPng(file) {
  return { width: file.integer(16, 4), height: file.integer(20, 4), moving: isAnimated(file) };
}

/**
 * An animation says so before the first pixel.
 *
 * @param {import("./bytes.js").Bytes} file
 */
function isAnimated(file) {
  let at = 8;
  while (at < file.length) {
    const name = file.text(at + 4, 4);
    if (name === "acTL") return file.integer(at + 8, 4) > 1;
    if (name === "IDAT") return false;
    at += 12 + file.integer(at, 4);
  }
  return false;
}
