// Any pipeline of the release, tried on a page made from its contract: `try/?pipeline=<name>`.

import { list } from "./foreshore.js";
import { startPage } from "./pipeline-page.js";
import { canLookUp, createTrial } from "./try-actions.js";
import { tryView } from "./views/try.js";

const asked = new URLSearchParams(location.search).get("pipeline");
const name = asked ?? (await list())[0]?.name ?? "";

startPage(name, (offer, predictor, onChange, consent) => {
  const looksUp = () => consent() && canLookUp(offer);
  const actions = createTrial({ contract: offer.contract, predictor, looksUp, onChange });
  /** @type {HTMLElement} */ (document.querySelector("h1")).textContent = offer.contract.title;
  /** @type {HTMLElement} */ (document.querySelector(".lede")).textContent = offer.contract.description;
  document.title = `${offer.contract.title} · Foreshore`;
  return {
    view: (surroundings) => tryView({ ...surroundings, actions }),
    begin: actions.ask,
    ask: actions.ask,
    submit: actions.submit,
    answered: () => actions.state().answered !== null,
  };
});
