import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBrowser, oneOf, siteRoot, threadsToUse, wheelUrls } from "../../../../web/app/runtime/support.js";

const PAGE = "https://here.example/shop/page.html";

/**
 * Gives this process what a page has, for the time of one test.
 *
 * @param {import("node:test").TestContext} context
 * @param {Record<string, unknown>} globals
 */
function asPage(context, globals = {}) {
  const all = {
    location: new URL(PAGE),
    document: { baseURI: PAGE },
    Worker: class {},
    crossOriginIsolated: true,
    ...globals,
  };
  for (const [name, value] of Object.entries(all)) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    context.after(() => {
      if (before) Object.defineProperty(globalThis, name, before);
      else Reflect.deleteProperty(globalThis, name);
    });
  }
}

test("a browser that has all passes", (context) => {
  asPage(context);
  checkBrowser();
});

test("a browser without WebAssembly is unsupported", (context) => {
  asPage(context, { WebAssembly: undefined });
  assert.throws(() => checkBrowser(), { kind: "unsupported", message: /has no WebAssembly; use a current version/ });
});

test("a browser without workers is unsupported", (context) => {
  asPage(context, { Worker: undefined });
  assert.throws(() => checkBrowser(), { kind: "unsupported", message: /no web workers/ });
});

test("a browser without SIMD is unsupported", (context) => {
  asPage(context, { WebAssembly: { validate: () => false } });
  assert.throws(() => checkBrowser(), { kind: "unsupported", message: /no WebAssembly SIMD/ });
});

test("a policy that forbids WebAssembly is told with what to add to it", (context) => {
  const forbidding = {
    validate: () => true,
    Module: class {
      constructor() {
        throw new EvalError("blocked by CSP");
      }
    },
  };
  asPage(context, { WebAssembly: forbidding });
  assert.throws(() => checkBrowser(), { kind: "unsupported", message: /blocked by CSP.*'wasm-unsafe-eval'/ });
});

test("the site's root ends with a slash, and is on the page's origin", (context) => {
  asPage(context);
  assert.equal(siteRoot("../models"), "https://here.example/models/");
  assert.equal(siteRoot(new URL("https://here.example/")), "https://here.example/");
  assert.throws(() => siteRoot("https://elsewhere.example/"), {
    kind: "validation",
    field: "base",
    message: /https:\/\/here.example/,
  });
});

test("wheels are same-origin URLs that end in .whl", (context) => {
  asPage(context);
  assert.deepEqual(wheelUrls(["./wheels/extra-1.0-py3-none-any.whl"]), [
    "https://here.example/shop/wheels/extra-1.0-py3-none-any.whl",
  ]);
  assert.throws(() => wheelUrls(["//elsewhere.example/x.whl"]), { kind: "validation", field: "wheels" });
  assert.throws(() => wheelUrls(["extra"]), { kind: "validation", message: /wheels: got "extra", expected .*\.whl/ });
});

test("threads are the cores, four at most, and one without isolation", (context) => {
  asPage(context, { navigator: { hardwareConcurrency: 12 } });
  assert.equal(threadsToUse(undefined), 4);
  assert.equal(threadsToUse(2), 2);
  for (const wrong of [0, -1, 1.5, Number.NaN, /** @type {any} */ ("2")]) {
    assert.throws(() => threadsToUse(wrong), { kind: "validation", field: "threads" });
  }
});

test("without isolation there is one thread, whatever is asked for", (context) => {
  asPage(context, { navigator: { hardwareConcurrency: 12 }, crossOriginIsolated: false });
  assert.equal(threadsToUse(undefined), 1);
  assert.equal(threadsToUse(3), 1);
});

test("an option out of the list is refused with the list", () => {
  assert.equal(oneOf("engine", undefined, ["auto", "python"]), "auto");
  assert.equal(oneOf("engine", "python", ["auto", "python"]), "python");
  assert.throws(() => oneOf("engine", "steam", ["auto", "python"]), {
    kind: "validation",
    field: "engine",
    message: 'engine: got "steam", expected one of: auto, python',
  });
});
