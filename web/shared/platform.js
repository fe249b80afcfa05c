/**
 * The few abilities of a page, a worker or Node that shared code asks for, as far as it uses them. Shared code takes
 * them as arguments (`globalThis` will do), so that it runs, is type-checked and is tested without any of those places.
 *
 * @typedef {object} Signal An AbortSignal.
 * @property {boolean} aborted
 * @property {any} reason
 * @property {(type: "abort", listener: () => void, options?: {once?: boolean}) => void} addEventListener
 * @property {(type: "abort", listener: () => void) => void} removeEventListener
 *
 * @typedef {{read(): Promise<{done: boolean, value?: Uint8Array}>, cancel(reason?: unknown): Promise<void>}} Reader
 *
 * @typedef {{ok: boolean, status: number, headers: {get(name: string): string | null}, body: {getReader(): Reader} | null}} Reply
 *
 * @typedef {{integrity?: string, cache?: "default" | "no-cache" | "reload", signal?: any}} FetchOptions
 *
 * @typedef {{
 *   fetch(url: string, options?: FetchOptions): Promise<Reply>,
 *   setTimeout(action: () => void, delay_ms: number): any,
 *   clearTimeout(timer: any): void,
 *   TextDecoder: new () => {decode(bytes: Uint8Array): string},
 *   btoa(binary: string): string,
 *   crypto: {subtle?: {digest(name: "SHA-256", data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>}},
 * }} Platform `crypto.subtle` is missing where a page came over plain HTTP.
 */

export {};
