import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const source = readFileSync(new URL("../../../../web/app/style.css", import.meta.url), "utf8");

/** Text on ground, as the pages combine them; WCAG 2.2, 1.4.3: 4.5 to 1. */
const TEXT = [
  ["ink", "bg"],
  ["ink", "surface"],
  ["ink", "tint"],
  ["ink", "sand"],
  ["soft", "bg"],
  ["soft", "surface"],
  ["soft", "tint"],
  ["sea", "bg"],
  ["sea", "surface"],
  ["sea", "shore-dry"],
  ["on-sea", "sea"],
  ["on-shore", "shore-dry"],
  ["on-shore", "shore-damp"],
  ["ink", "shore-damp"],
  ["buoy", "surface"],
  ["alarm", "surface"],
  ["night", "surface"],
  ["night", "tint"],
  ["buoy", "tint"],
  ["alarm", "tint"],
];

/** Borders and marks that carry meaning; WCAG 2.2, 1.4.11: 3 to 1. */
const MARKS = [
  ["edge", "surface"],
  ["edge", "bg"],
  ["sea", "tint"],
  ["buoy", "late"],
];

/** @param {string} text */
function colours(text) {
  return Object.fromEntries([...text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]));
}

/** Relative luminance, as WCAG 2.2 defines it. @param {string} colour */
function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @param {string} one @param {string} other */
function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const [lightText, darkText] = source.split("@media (prefers-color-scheme: dark)");
const light = colours(lightText);
const themes = { light, dark: { ...light, ...colours(darkText) } };

for (const [theme, palette] of Object.entries(themes)) {
  test(`text can be read and marks can be seen in the ${theme} theme`, () => {
    for (const [pairs, least] of /** @type {[string[][], number][]} */ ([
      [TEXT, 4.5],
      [MARKS, 3],
    ])) {
      for (const [front, back] of pairs) {
        const found = contrast(palette[front], palette[back]);
        assert.ok(found >= least, `--${front} on --${back}: got ${found.toFixed(2)}, expected at least ${least}`);
      }
    }
  });
}
