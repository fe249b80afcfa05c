/** A model that does nothing: opening it starts the runtime, and nothing else. */

/** ONNX, opset 13: `y = Identity(x)`, float32 of shape (1). */
const BLANK = "CAg6OwoQCgF4EgF5IghJZGVudGl0eRIFYmxhbmtaDwoBeBIKCggIARIECgIIAWIPCgF5EgoKCAgBEgQKAggBQgQKABAN";

/** @returns {Uint8Array} */
export function blankModel() {
  return Uint8Array.from(atob(BLANK), (character) => character.charCodeAt(0));
}
