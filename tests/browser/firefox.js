// Drives stock Firefox over WebDriver BiDi. Reads one JSON command a line, answers one JSON line:
// {"name": "goto", "arguments": ["http://…"]} -> {"result": …} or {"error": "…"}. Ends when its input ends.
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

/** @type {string[]} */
const errors = [];

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: process.argv[2],
  headless: true,
});
const page = await browser.newPage();
await page.setViewport({ width: 1280, height: 900 });
page.on("console", (message) => {
  if (message.type() === "error") errors.push(message.text());
});
page.on("pageerror", (error) => errors.push(String(error)));

/** @type {Record<string, (...words: any[]) => unknown>} */
const commands = {
  goto: async (url) => void (await page.goto(url)),
  evaluate: (expression) => page.evaluate(expression),
  click: (selector) => page.locator(selector).click(),
  screenshot: async (path) => void (await page.screenshot({ path })),
  errors: () => errors,
};

/** @param {string} line */
async function answer(line) {
  const { name, arguments: words } = JSON.parse(line);
  try {
    return { result: (await commands[name](...words)) ?? null };
  } catch (error) {
    return { error: String(error) };
  }
}

try {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
  }
} finally {
  await browser.close();
}
