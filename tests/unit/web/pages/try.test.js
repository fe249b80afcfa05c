import assert from "node:assert/strict";
import { test } from "node:test";
import { createTrial } from "../../../../web/app/try-actions.js";

const PLAIN = { unit: "", minimum: null, maximum: null, categories: [], description: "", example: null };
const contract = /** @type {any} */ ({
  fields: [{ ...PLAIN, name: "seats", dtype: "int32", title: "Seats", nullable: false, example: 150 }],
  context: [{ ...PLAIN, name: "recent_mean", dtype: "float32", title: "Recent mean", nullable: true }],
});

/** A trial, and the records that it asked about. */
function trial() {
  /** @type {any[]} */
  const asked = [];
  const predict = async (/** @type {any} */ record) => {
    asked.push(record);
    return {};
  };
  const predictor = () => /** @type {any} */ ({ predict });
  return { asked, actions: createTrial({ contract, predictor, onChange: () => {} }) };
}

test("context that nobody typed is left out of the record, for the device to fill in", async () => {
  const { asked, actions } = trial();
  await actions.ask();
  assert.deepEqual(asked, [{ seats: 150 }]);
});

test("context that was typed goes with the record", async () => {
  const { asked, actions } = trial();
  actions.input("recent_mean", "-2.5");
  await actions.settle("recent_mean");
  assert.deepEqual(asked, [{ seats: 150, recent_mean: -2.5 }]);
});

test("a submitted form means its context too", async () => {
  const { actions } = trial();
  await actions.submit();
  assert.deepEqual([...actions.state().form.settled], ["seats", "recent_mean"]);
});

test("a photo goes with the record as it was read", async () => {
  const photo = { width: 1, height: 1, data: new Uint8Array([1, 2, 3]) };
  const field = {
    ...PLAIN,
    name: "photo",
    dtype: "image",
    title: "Photo",
    nullable: false,
    example: { ...photo, data: "AQID" },
  };
  /** @type {any[]} */
  const asked = [];
  const predict = async (/** @type {any} */ record) => asked.push(record);
  const contractOfPhotos = /** @type {any} */ ({ fields: [field], context: [] });
  const predictor = () => /** @type {any} */ ({ predict });
  const actions = createTrial({ contract: contractOfPhotos, predictor, onChange: () => {} });
  await actions.ask();
  actions.input("photo", photo);
  await actions.settle("photo");
  assert.deepEqual(asked, [{ photo: { ...photo, data: "AQID" } }, { photo }]);
});
