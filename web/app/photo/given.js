// What was dropped on the page, pasted into it or chosen: one file of it, or why there is none. No DOM of its own.

import { countText } from "../format.js";
import { Refusal } from "../refusal.js";

/**
 * @typedef {object} Given
 * @property {File} file
 * @property {string[]} notes what the visitor should know of the choice
 */

const LINK = /^\s*(?:https?|data|blob|file|ftp):\S+\s*$/i;

/**
 * One file of those that came together; pictures go before other files.
 *
 * @param {readonly File[]} files
 * @returns {Given}
 * @throws {Refusal} if there is none
 */
export function oneOf(files) {
  const file = files.find(({ type }) => type.startsWith("image/")) ?? files[0];
  if (file === undefined) throw new Refusal("Nothing came with that.", "Choose a photo from this device.");
  const notes = files.length === 1 ? [] : [`${countText(files.length, "file")} came together: this is ${file.name}.`];
  return { file, notes };
}

/**
 * @param {DataTransfer} transfer
 * @returns {Given}
 * @throws {Refusal} if it carries no file
 */
export function givenBy(transfer) {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const files = items.filter((item) => !isFolder(item)).flatMap((item) => item.getAsFile() ?? []);
  if (files.length > 0) return oneOf(files);
  if (items.some(isFolder)) throw new Refusal("That is a folder.", "Open it, and choose one photo from it.");
  throw carried(transfer);
}

/** @param {DataTransferItem} item */
function isFolder(item) {
  return item.webkitGetAsEntry?.()?.isDirectory === true;
}

/** What came instead of a file. @param {DataTransfer} transfer */
function carried(transfer) {
  const text = transfer.getData("text/plain");
  const linked =
    transfer.types.includes("text/uri-list") || /<img\s/i.test(transfer.getData("text/html")) || LINK.test(text);
  if (linked) {
    const advice = "This page asks no other site for anything. Save the picture on this device, then choose it here.";
    return new Refusal("That is the address of a picture, not the picture.", advice);
  }
  if (text !== "") return new Refusal("That is text, not a picture.", "Copy a picture, or choose a file.");
  return new Refusal("Nothing came with that.", "Choose a photo from this device.");
}
