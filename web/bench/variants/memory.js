/** How much WebAssembly memory a runtime takes, seen from outside: no runtime tells it. */

/** @typedef {import("../../shared/protocol.js").Memory} Memory */

/** Bytes of the pages that are counted as touched; an operating system's smallest. */
const PAGE_BYTES = 4096;
const WORDS_PER_PAGE = PAGE_BYTES / Int32Array.BYTES_PER_ELEMENT;

/**
 * Sees every memory that is made from now on in this worker.
 *
 * @returns {() => Memory} Of the largest so far.
 */
export function watchMemory() {
  /** @type {WebAssembly.Memory[]} */
  const made = [];
  WebAssembly.Memory = class extends WebAssembly.Memory {
    /** @param {WebAssembly.MemoryDescriptor} descriptor */
    constructor(descriptor) {
      super(descriptor);
      made.push(this);
    }
  };
  return () => {
    const buffers = made.map(({ buffer }) => buffer);
    return weighed(buffers.reduce((largest, buffer) => (buffer.byteLength > largest.byteLength ? buffer : largest)));
  };
}

/**
 * WebAssembly memory starts as zeros, and allocators don't clear what they free.
 *
 * @param {ArrayBufferLike} buffer Of whole pages.
 * @returns {Memory}
 */
export function weighed(buffer) {
  const words = new Int32Array(buffer);
  let pages = 0;
  for (let start = 0; start < words.length; start += WORDS_PER_PAGE) {
    const page = words.subarray(start, start + WORDS_PER_PAGE);
    if (page.some((word) => word !== 0)) pages++;
  }
  return { size_bytes: buffer.byteLength, touched_bytes: pages * PAGE_BYTES };
}
