// The header of an AVIF or HEIC file. No DOM.

/** Properties stand at the beginning of a file; pixels come after them. */
const SEARCHED_BYTES = 1 << 20;

/**
 * @param {import("./bytes.js").Bytes} file
 * @returns {import("./header.js").Size} the largest of the sizes that it gives: those of tiles and thumbnails stand beside
 *   the picture's own
 *
 * References
 * ----------
 * ISO/IEC 23008-12 (HEIF): 6.5.3 Image spatial extents; AV1 Image File Format: 6 Brands.
 */
export function readHeif(file) {
  const size = { width: 0, height: 0, moving: ["avis", "hevc", "msf1"].includes(file.text(8, 4)) };
  let at = file.find(0, SEARCHED_BYTES, "ispe");
  while (at >= 0) {
    size.width = Math.max(size.width, file.integer(at + 8, 4));
    size.height = Math.max(size.height, file.integer(at + 12, 4));
    at = file.find(at + 4, SEARCHED_BYTES, "ispe");
  }
  return size;
}
