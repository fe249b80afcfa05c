// The section on what batch costs against online, for a page about one pipeline.

import { download, parseJson } from "../shared/download.js";
import { wantedFile } from "../shared/release.js";
import { open, openRelease } from "./foreshore.js";
import { readJson } from "./json-file.js";
import { mountCosts } from "./views/batch/costs.js";

/**
 * Show the section.
 *
 * @param {HTMLElement} root
 * @param {import("./views/batch/costs.js").Offered & { golden: string }} offer the pipeline; `golden`: URL of records to measure it with
 * @param {import("./batch/costs-state.js").CostsState["lastJob"]} lastJob
 */
export function showCosts(root, offer, lastJob) {
  const records = async () => /** @type {any} */ (await readJson(offer.golden)).records;
  return mountCosts(root, { offer, open, records, recorded: loadRecorded, lastJob });
}

/** A server's measurement, where the release holds one. */
async function loadRecorded() {
  const { release, base } = await openRelease();
  if (release.serving_costs === undefined) return null;
  const wanted = wantedFile(release, release.serving_costs, base);
  const record = parseJson(await download(wanted, globalThis), wanted.url, globalThis);
  return /** @type {import("./batch/costs-state.js").Record} */ (record);
}
