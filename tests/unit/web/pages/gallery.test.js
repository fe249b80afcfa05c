import assert from "node:assert/strict";
import { test } from "node:test";
import { galleryView } from "../../../../web/app/views/gallery.js";

/** @param {string} name */
const offer = (name) => ({
  name,
  contract: { title: "NASA winds", description: "", fields: [], outputs: [] },
  variants: [],
  default_variant: "fp32",
});

/**
 * All that a view shows, templates within templates included.
 *
 * @param {any} view
 * @returns {unknown[]}
 */
function shown(view) {
  if (Array.isArray(view)) return view.flatMap(shown);
  return typeof view === "object" && view !== null && "values" in view ? shown(view.values) : [view];
}

for (const name of ["wind_chill", "constructor"]) {
  test(`a pipeline without a page of its own is tried on the general one: ${name}`, () => {
    const parts = shown(galleryView(/** @type {any} */ ([offer(name)])));
    assert.ok(parts.includes(`./try/?pipeline=${name}`));
    assert.ok(parts.includes("Try it: NASA winds"));
  });
}

test("a pipeline with pages of its own leads there", () => {
  const parts = shown(galleryView(/** @type {any} */ ([offer("eta")])));
  assert.ok(parts.includes("./arrivals/"));
  assert.ok(!parts.some((part) => String(part).includes("?pipeline=")));
});
