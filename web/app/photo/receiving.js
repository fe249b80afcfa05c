// What is dropped anywhere on the page or pasted into it.

import { receiveDrops } from "../dropping.js";
import { givenBy } from "./given.js";

/** @typedef {import("./given.js").Given} Given */

/**
 * @param {Document} document
 * @param {(take: () => Given) => void} onGiven
 */
export function receive(document, onGiven) {
  receiveDrops(document, (transfer) => take(transfer, onGiven));
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
