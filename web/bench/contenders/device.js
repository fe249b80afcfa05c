/** What this device and browser are, as far as they matter for timings. */

import { clockTick } from "../measure/rounds.js";

/**
 * The part of WebGPU that is asked here; TypeScript's DOM library does not have it yet.
 *
 * @typedef {{vendor: string, architecture: string, description: string, isFallbackAdapter?: boolean}} AdapterInfo
 * @typedef {{requestAdapter(): Promise<{info?: AdapterInfo} | null>}} Gpu
 */

/** @returns {Promise<import("../measure/report.js").Environment>} */
export async function describeDevice() {
  return {
    user_agent: navigator.userAgent,
    cores: navigator.hardwareConcurrency,
    isolated: globalThis.crossOriginIsolated,
    clock_tick_ms: clockTick(() => performance.now()),
    webgpu: await describeGpu(),
  };
}

/** @returns {Promise<string>} The adapter, or "" where there is none. */
async function describeGpu() {
  const gpu = /** @type {{gpu?: Gpu}} */ (navigator).gpu;
  try {
    const adapter = await gpu?.requestAdapter();
    if (!adapter) return "";
    const { vendor = "", architecture = "", description = "", isFallbackAdapter } = adapter.info ?? {};
    const name = [vendor, architecture, description].filter((part) => part !== "").join(" ") || "unnamed adapter";
    return isFallbackAdapter ? `${name} (in software)` : name;
  } catch {
    // Some browsers reject where others give null; either way there is no WebGPU to measure.
    return "";
  }
}

/** Adapters that are programs on the processor: SwiftShader, Mesa's llvmpipe and lavapipe, Windows' WARP. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|warp|in software/i;

/**
 * Whether a WebGPU adapter is a program on the processor, whose times say nothing of a GPU.
 *
 * @param {string} adapter As `describeDevice` names it.
 */
export function isSoftware(adapter) {
  return SOFTWARE.test(adapter);
}
