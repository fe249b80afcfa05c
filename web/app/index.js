// The landing page: what the current release holds.

import { render } from "lit/html.js";
import { list } from "./foreshore.js";
import { galleryView, waitingView } from "./views/gallery.js";
import { failureView } from "./views/loading.js";

const root = /** @type {HTMLElement} */ (document.querySelector("#pipelines"));
const releaseMark = /** @type {HTMLElement} */ (document.querySelector("#release"));

async function show() {
  render(waitingView(), root);
  try {
    const offers = await list();
    render(galleryView(offers), root);
    releaseMark.textContent = offers[0] ? ` · release ${offers[0].release}` : "";
    document.body.dataset.state = "ready";
  } catch (failure) {
    render(failureView(failure, show), root);
    document.body.dataset.state = "error";
  }
}

show();
