// A file that is dropped anywhere on the page, or chosen; without this a browser would leave the page for a dropped file.

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
  const marked = (/** @type {boolean} */ over) => document.body.toggleAttribute("data-dragging", over);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    marked(true);
  });
  document.addEventListener("dragleave", ({ relatedTarget }) => {
    if (relatedTarget === null) marked(false);
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    marked(false);
    const files = [...(event.dataTransfer?.files ?? [])]; // a transfer is empty once its event is over
    onGiven(() => onlyOne(files));
  });
}
