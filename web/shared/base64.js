/** Bytes as text (RFC 4648, section 4), for code that knows no globals. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FORM = /^[A-Za-z0-9+/]*={0,2}$/;
/** Bytes whose text is put together at a time. */
const CHUNK = 3 * 4096;
const CODES = new Uint8Array(128);
for (const [code, character] of [...ALPHABET].entries()) CODES[character.charCodeAt(0)] = code;

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer> | null} Null where the text is no base64.
 */
export function bytesOfBase64(text) {
  if (text.length % 4 || !FORM.test(text)) return null;
  const padding = text.endsWith("==") ? 2 : Number(text.endsWith("="));
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let from = 0, to = 0; from < text.length; from += 4, to += 3) {
    const four = sextets(text, from);
    bytes[to] = four >> 16;
    bytes[to + 1] = four >> 8;
    bytes[to + 2] = four;
  }
  return bytes;
}

/**
 * @param {string} text
 * @param {number} from
 */
function sextets(text, from) {
  let bits = 0;
  for (let place = from; place < from + 4; place++) bits = (bits << 6) | CODES[text.charCodeAt(place)];
  return bits;
}

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function base64OfBytes(bytes) {
  const parts = [];
  for (let start = 0; start < bytes.length; start += CHUNK) parts.push(textOf(bytes.subarray(start, start + CHUNK)));
  return parts.join("");
}

/** @param {Uint8Array} bytes Of a number that 3 divides, but for the last. */
function textOf(bytes) {
  let text = "";
  for (let from = 0; from < bytes.length; from += 3) {
    const bits = (bytes[from] << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0);
    const four = ALPHABET[bits >> 18] + ALPHABET[(bits >> 12) & 63] + ALPHABET[(bits >> 6) & 63] + ALPHABET[bits & 63];
    const given = bytes.length - from;
    text += given >= 3 ? four : four.slice(0, given + 1) + "=".repeat(3 - given);
  }
  return text;
}
