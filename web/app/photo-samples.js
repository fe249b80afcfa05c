// The sample photos that a release carries. No DOM.

import { ForeshoreError } from "../shared/errors.js";
import { readJson } from "./json-file.js";

/** @typedef {import("./see-state.js").Sample} Sample */

/**
 * @param {string} folder URL, ending in a slash
 * @param {typeof fetch} [fetcher]
 */
export function openPhotos(folder, fetcher = (input, init) => fetch(input, init)) {
  return {
    /** @returns {Promise<Sample[]>} */
    list: async () => {
      const { photos } = /** @type {{ photos: Omit<Sample, "url">[] }} */ (
        await readJson(`${folder}index.json`, fetcher)
      );
      return photos.map((photo) => ({ ...photo, url: folder + encodeURIComponent(photo.file) }));
    },
    /** @param {Sample} sample @returns {Promise<Blob>} */
    load: async ({ url }) => {
      const response = await fetcher(url).catch((cause) => {
        throw new ForeshoreError("network", `${url}: got no answer (${cause.message}); check the connection`, {
          cause,
        });
      });
      if (!response.ok) throw new ForeshoreError("network", `${url}: got status ${response.status}, expected 200`);
      return response.blob();
    },
  };
}
