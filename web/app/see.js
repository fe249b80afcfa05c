// The See page: what is in a photo, or before the camera, told on this device.

import { openCamera } from "./camera/camera.js";
import { readPhoto } from "./photo/reading.js";
import { receive } from "./photo/receiving.js";
import { openPhotos } from "./photo-samples.js";
import { startPage } from "./pipeline-page.js";
import { createSee } from "./see-actions.js";
import { seeView } from "./views/see/page.js";

startPage("see", (offer, predictor, onChange) => {
  const samples = openPhotos(String(offer.samples));
  const actions = createSee({ samples, predictor, read: readPhoto, openCamera, onChange });
  receive(document, actions.give);
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
