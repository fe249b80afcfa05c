// The header of a PNG file. No DOM.

/** @typedef {import("./bytes.js").Bytes} Bytes */

/**
 * @param {Bytes} file
 * @returns {import("./header.js").Size}
 *
 * References
 * ----------
 * W3C, PNG (Third Edition): 5 Datastream structure, 11.2.1 IHDR, 11.2.4 IEND, 11.3.6.1 acTL.
 */
export function readPng(file) {
  const chunks = [...chunksOf(file)];
  const animation = chunks.find(({ name }) => name === "acTL");
  const size = { width: file.integer(16, 4), height: file.integer(20, 4) };
  const moving = animation !== undefined && file.integer(animation.at + 8, 4) > 1;
  return { ...size, moving, ...(chunks.at(-1)?.name === "IEND" ? {} : { cut: true }) };
}

/**
 * The chunks that are there in full, up to the end of the picture.
 *
 * @param {Bytes} file
 * @returns {Generator<{ name: string, at: number }, void>}
 */
function* chunksOf(file) {
  let at = 8;
  let name = "";
  while (name !== "IEND" && at + 12 + file.integer(at, 4) <= file.length) {
    name = file.text(at + 4, 4);
    yield { name, at };
    at += 12 + file.integer(at, 4);
  }
}
