// A file that is dropped anywhere on the page, or chosen.

import { receiveDrops } from "../dropping.js";
import { Refusal } from "../refusal.js";

/**
 * @param {readonly File[]} files
 * @returns {{ file: File }}
 * @throws {Refusal} unless it is one
 */
export function onlyOne(files) {
  const [file] = files;
  if (files.length > 1)
    throw new Refusal(`${files.length} files came together.`, "A job takes one file: drop them one after the other.");
  if (file === undefined)
    throw new Refusal("No file came with that.", "Choose a CSV or Parquet file from this device.");
  return { file };
}

/**
 * @param {Document} document
 * @param {(take: () => { file: File }) => unknown} onGiven
 */
export function receiveFiles(document, onGiven) {
  receiveDrops(document, (transfer) => {
    const files = [...(transfer?.files ?? [])];
    onGiven(() => onlyOne(files));
  });
}
