// The header of a JPEG file. No DOM.

const START_OF_SCAN = 0xda;

/**
 * @param {import("./bytes.js").Bytes} file
 * @returns {import("./header.js").Size} the stored size: a camera that was held upright may have written it sideways
 *
 * References
 * ----------
 * ITU-T T.81: B.1.1 Markers, B.2.2 Frame header.
 */
export function readJpeg(file) {
  let at = 2;
  while (at < file.length) {
    if (file.integer(at, 1) !== 0xff) break;
    const marker = file.integer(at + 1, 1);
    if (isFrame(marker)) return { width: file.integer(at + 7, 2), height: file.integer(at + 5, 2), moving: false };
    if (marker === START_OF_SCAN) break;
    at += isAlone(marker) ? lengthAlone(marker) : 2 + file.integer(at + 2, 2);
  }
  return { width: 0, height: 0, moving: false };
}

/** SOF0 to SOF15 without DHT, JPG and DAC. @param {number} marker */
function isFrame(marker) {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** Markers without a segment: fill bytes, TEM, RST0 to EOI. @param {number} marker */
function isAlone(marker) {
  return marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);
}

/** A fill byte may be the first of the next marker. @param {number} marker */
function lengthAlone(marker) {
  return marker === 0xff ? 1 : 2;
}
