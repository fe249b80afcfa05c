// The section on what batch costs against online, for a page about one pipeline.

import { download, parseJson } from "../shared/download.js";
import { wantedFile } from "../shared/release.js";
import { open, openRelease } from "./foreshore.js";
import { readJson } from "./json-file.js";
import { mountCosts } from "./views/batch/costs.js";

/** @typedef {import("./foreshore.js").Offer} Offer */

/**
 * Show the section; nothing where the release has no records to measure the pipeline with.
 *
 * @param {HTMLElement} root
 * @param {Offer} offer
 */
export function showCosts(root, offer) {
  const { golden } = offer;
  if (golden === null) return;
  const records = async () => /** @type {any} */ (await readJson(golden)).records;
  mountCosts(root, { offer, open, records, recorded: loadRecorded });
}

/** A server's measurement, where the release holds one. */
async function loadRecorded() {
  const { release, base } = await openRelease();
  if (release.serving_costs === undefined) return null;
  const wanted = wantedFile(release, release.serving_costs, base);
  const record = parseJson(await download(wanted, globalThis), wanted.url, globalThis);
  return /** @type {import("./batch/costs-state.js").Record} */ (record);
}
