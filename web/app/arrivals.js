// The Arrivals page: real flights, or the visitor's own, predicted on this device.

import { createArrivals } from "./arrivals-actions.js";
import { startPage } from "./pipeline-page.js";
import { openSamples } from "./samples.js";
import { arrivalsView } from "./views/arrivals.js";

startPage("eta", (offer, predictor, onChange) => {
  const samples = openSamples(String(offer.samples));
  const { contract } = offer;
  const actions = createArrivals({ contract, streaming: streamingNames(offer), samples, predictor, onChange });
  return {
    view: (surroundings) => arrivalsView({ ...surroundings, actions }),
    begin: actions.openDays,
    ask: actions.askAll,
    submit: actions.submit,
    answered: () => actions.state().answered !== null,
  };
});

/**
 * The context that comes from events; the rest comes from tables.
 *
 * @param {import("./foreshore.js").Offer} offer
 */
function streamingNames({ contract, view }) {
  const historical = new Set(view?.historical.map(({ name }) => name));
  return contract.context.map(({ name }) => name).filter((name) => !historical.has(name));
}
