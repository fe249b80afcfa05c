// What is dropped anywhere on the page; without this a browser would leave the page for a dropped file.

/**
 * Call back with each drop; while something is dragged over the page, its body says so in `data-dragging`.
 *
 * @param {Document} document
 * @param {(transfer: DataTransfer | null) => void} onDrop a transfer is empty once its event is over
 */
export function receiveDrops(document, onDrop) {
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
    onDrop(event.dataTransfer);
  });
}
