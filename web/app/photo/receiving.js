// What is dropped anywhere on the page or pasted into it; without this a browser would leave the page for a dropped file.

import { givenBy } from "./given.js";

/** @typedef {import("./given.js").Given} Given */

/**
 * @param {Document} document
 * @param {(take: () => Given) => void} onGiven
 */
export function receive(document, onGiven) {
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
    take(event.dataTransfer, onGiven);
  });
  document.addEventListener("paste", (event) => {
    event.preventDefault();
    take(event.clipboardData, onGiven);
  });
}

/**
 * A transfer is empty once its event is over, so it is read at once.
 *
 * @param {DataTransfer | null} transfer
 * @param {(take: () => Given) => void} onGiven
 */
function take(transfer, onGiven) {
  if (transfer === null) return;
  try {
    const given = givenBy(transfer);
    onGiven(() => given);
  } catch (refusal) {
    onGiven(() => {
      throw refusal;
    });
  }
}
