// The See page: what is in a photo, or before the camera, told on this device.

import { openCamera } from "./camera/camera.js";
import { readPhoto } from "./photo/reading.js";
import { receive } from "./photo/receiving.js";
import { openPhotos } from "./photo-samples.js";
import { startPage } from "./pipeline-page.js";
import { createSee } from "./see-actions.js";
import { seeView } from "./views/see/page.js";

/** @type {ReturnType<typeof createSee>["give"]} */
let give = async () => {}; // a file that is dropped before the release is known must not make the browser leave the page
receive(document, (take) => give(take));

startPage("see", (offer, predictor, onChange) => {
  const samples = openPhotos(String(offer.samples));
  const follow = createReveal();
  const actions = createSee({
    samples,
    predictor,
    read: readPhoto,
    openCamera,
    onChange: (state) => {
      follow(state.camera ?? state.photo);
      onChange();
    },
  });
  give = actions.give;
  document.addEventListener("visibilitychange", () => actions.setHidden(document.hidden));
  addEventListener("pagehide", actions.stopCamera);
  return {
    view: (surroundings) => seeView({ ...surroundings, actions }),
    begin: actions.openSamples,
    ask: actions.ask,
    submit: actions.ask,
    answered: () => actions.state().answered !== null,
  };
});

/** Brings what is looked at into view where it was chosen further down, as on a phone; not the first, which nobody chose. */
function createReveal() {
  /** @type {object | null} */
  let before = null;
  return (/** @type {object | null} */ shown) => {
    const chosen = before !== null && shown !== null && shown !== before;
    before = shown ?? before;
    const heading = document.querySelector("#result-title");
    if (chosen && heading !== null && heading.getBoundingClientRect().top < 0) heading.scrollIntoView();
  };
}
