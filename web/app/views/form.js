// A form made from any contract.

import { live } from "lit/directives/live.js";
import { html, noChange, nothing } from "lit/html.js";
import { TEXT_CHARACTERS } from "../../generated/vocabulary.js";
import { controlKind, controlOptions, controlText, hintText, isImage, labelText } from "../fields.js";
import { readPhoto } from "../photo/reading.js";

/** @typedef {import("../../generated/vocabulary.js").Field} Field */
/** @typedef {import("../fields.js").FormValues} FormValues */

/**
 * @typedef {object} FormModel
 * @property {readonly Field[]} fields
 * @property {readonly Field[]} [context] fields that the device fills where they stay empty
 * @property {FormValues} values
 * @property {ReadonlyMap<string, string>} problems by field; "" holds what concerns no single field
 * @property {(name: string, value: FormValues[string]) => void} onInput at every keystroke
 * @property {(name: string) => void} onSettled when the value is meant
 * @property {() => void} onSubmit
 * @property {string} submitLabel
 */

/** @param {FormModel} model */
export function formView(model) {
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    model.onSubmit();
  };
  return html`
    <form class="form" novalidate autocomplete="off" data-testid="form" @submit=${submit}>
      ${model.fields.map((field) => fieldView(field, model))}
      ${model.context?.length ? contextView(model.context, model) : nothing}
      <p class="problem form-problem" role="alert">${model.problems.get("") ?? nothing}</p>
      <button class="primary" type="submit" data-testid="submit">${model.submitLabel}</button>
    </form>
  `;
}

/**
 * Context fields, folded away; opened, and left open, once something is wrong among them.
 *
 * @param {readonly Field[]} context
 * @param {FormModel} model
 */
function contextView(context, model) {
  const wrong = context.some(({ name }) => model.problems.has(name));
  return html`
    <details class="context" data-testid="context" open=${wrong ? "" : noChange}>
      <summary>Context: filled from windows and tables</summary>
      <p class="hint">
        Nobody has to type these. What stays empty is computed on this device, from recent events and from tables of the
        release, or is missing where it has neither.
      </p>
      <div class="context-fields">${context.map((field) => fieldView(field, model))}</div>
    </details>
  `;
}

/**
 * @param {Field} field
 * @param {FormModel} model
 */
function fieldView(field, model) {
  const hint = hintText(field);
  const problem = model.problems.get(field.name);
  return html`
    <div class="field" data-field=${field.name}>
      <label for=${controlId(field)}>${labelText(field)}</label>
      ${controlView(field, model)}
      ${problem === undefined ? nothing : html`<p class="problem" id="${controlId(field)}-problem">${problem}</p>`}
      ${hint === "" ? nothing : html`<p class="hint" id="${controlId(field)}-hint">${hint}</p>`}
    </div>
  `;
}

/** @param {Field} field */
function controlId(field) {
  return `field-${field.name}`;
}

/**
 * @param {Field} field
 * @param {FormModel} model
 */
function controlView(field, model) {
  switch (controlKind(field)) {
    case "select":
      return selectView(field, model);
    case "checkbox":
      return checkboxView(field, model);
    case "file":
      return photoView(field, model);
    default:
      return inputView(field, model);
  }
}

/**
 * What ties a control to its hint and problem for those who don't see them.
 *
 * @param {Field} field
 * @param {FormModel} model
 */
function accessibility(field, model) {
  const invalid = model.problems.has(field.name);
  const parts = [invalid ? "problem" : "", hintText(field) === "" ? "" : "hint"].filter((part) => part !== "");
  const describedBy = parts.map((part) => `${controlId(field)}-${part}`).join(" ");
  return { invalid: invalid ? "true" : nothing, describedBy: describedBy === "" ? nothing : describedBy };
}

/**
 * @param {Field} field
 * @param {FormModel} model
 */
function inputView(field, model) {
  const kind = controlKind(field);
  const { invalid, describedBy } = accessibility(field, model);
  const number = kind === "number";
  const bound = (/** @type {Field["minimum"]} */ wire) =>
    number || wire === null || isImage(wire) ? nothing : controlText(field, wire);
  return html`<input
    id=${controlId(field)}
    name=${field.name}
    type=${number ? "text" : kind}
    inputmode=${number ? keyboard(field) : nothing}
    min=${bound(field.minimum)}
    max=${bound(field.maximum)}
    maxlength=${kind === "text" ? TEXT_CHARACTERS : nothing}
    aria-required=${field.nullable ? "false" : "true"}
    aria-invalid=${invalid}
    aria-describedby=${describedBy}
    .value=${live(String(model.values[field.name] ?? ""))}
    @input=${(/** @type {InputEvent} */ event) => model.onInput(field.name, target(event).value)}
    @change=${() => model.onSettled(field.name)}
  />`;
}

/**
 * Number fields are text fields, so that what is no number can be shown and explained. The number pads of some
 * phones lack a minus sign.
 *
 * @param {Field} field
 */
function keyboard(field) {
  const signed = field.minimum === null || Number(field.minimum) < 0;
  if (signed) return "text";
  return field.dtype === "int32" ? "numeric" : "decimal";
}

/**
 * @param {Field} field
 * @param {FormModel} model
 */
function selectView(field, model) {
  const { invalid, describedBy } = accessibility(field, model);
  const chosen = String(model.values[field.name] ?? "");
  const options = controlOptions(field);
  const blank = options.some(({ value }) => value === chosen) ? [] : [{ value: "", label: "Choose…" }];
  const choose = (/** @type {Event} */ event) => {
    model.onInput(field.name, target(event).value);
    model.onSettled(field.name);
  };
  return html`<select
    id=${controlId(field)}
    name=${field.name}
    aria-required=${field.nullable ? "false" : "true"}
    aria-invalid=${invalid}
    aria-describedby=${describedBy}
    @change=${choose}
  >
    ${[...blank, ...options].map(
      ({ value, label }) => html`<option value=${value} .selected=${live(value === chosen)}>${label}</option>`,
    )}
  </select>`;
}

/**
 * @param {Field} field
 * @param {FormModel} model
 */
function checkboxView(field, model) {
  const { invalid, describedBy } = accessibility(field, model);
  const choose = (/** @type {Event} */ event) => {
    model.onInput(field.name, /** @type {HTMLInputElement} */ (event.target).checked);
    model.onSettled(field.name);
  };
  return html`<input
    id=${controlId(field)}
    name=${field.name}
    type="checkbox"
    aria-invalid=${invalid}
    aria-describedby=${describedBy}
    .checked=${live(model.values[field.name] === true)}
    @change=${choose}
  />`;
}

/**
 * A photo, read once it is chosen; what is no photo says so at the control.
 *
 * @param {Field} field
 * @param {FormModel} model
 */
function photoView(field, model) {
  const { invalid, describedBy } = accessibility(field, model);
  const choose = async (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const [file] = input.files ?? [];
    if (file === undefined) return;
    try {
      model.onInput(field.name, (await readPhoto(file)).image);
      input.setCustomValidity("");
    } catch (refusal) {
      input.setCustomValidity(refusal instanceof Error ? refusal.message : String(refusal));
    }
    if (input.reportValidity()) model.onSettled(field.name);
  };
  return html`<input
    id=${controlId(field)}
    name=${field.name}
    type="file"
    accept="image/*"
    aria-required="true"
    aria-invalid=${invalid}
    aria-describedby=${describedBy}
    @change=${choose}
  />`;
}

/** @param {Event} event */
function target(event) {
  return /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target);
}
