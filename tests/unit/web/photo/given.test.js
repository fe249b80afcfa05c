import assert from "node:assert/strict";
import { test } from "node:test";
import { givenBy, oneOf } from "../../../../web/app/photo/given.js";

/** @param {string} name @param {string} [type] */
const fileItem = (name, type = "image/png") => ({
  kind: "file",
  type,
  getAsFile: () => new File(["x"], name, { type }),
  webkitGetAsEntry: () => ({ isDirectory: false }),
});

const folderItem = {
  kind: "file",
  type: "",
  getAsFile: () => new File([""], "folder"),
  webkitGetAsEntry: () => ({ isDirectory: true }),
};

/** @param {any[]} items @param {Record<string, string>} [data] @returns {any} */
const transfer = (items, data = {}) => ({
  items: [...items, ...Object.keys(data).map((type) => ({ kind: "string", type }))],
  types: Object.keys(data),
  getData: (/** @type {string} */ type) => data[type] ?? "",
});

test("one file is taken as it is", () => {
  const { file, notes } = givenBy(transfer([fileItem("cat.png")]));
  assert.equal(file.name, "cat.png");
  assert.deepEqual(notes, []);
});

test("of several files the first picture is taken, and it is said", () => {
  const items = [fileItem("notes.txt", "text/plain"), fileItem("cat.png"), fileItem("dog.png")];
  const { file, notes } = givenBy(transfer(items));
  assert.equal(file.name, "cat.png");
  assert.deepEqual(notes, ["3 files came together: this is cat.png."]);
});

test("of files that are no pictures the first is taken, to be refused by its content", () => {
  assert.equal(oneOf([new File(["MZ"], "setup.exe")]).file.name, "setup.exe");
});

test("a folder is refused, unless a file came with it", () => {
  assert.throws(() => givenBy(transfer([folderItem])), { name: "Refusal", title: "That is a folder." });
  assert.equal(givenBy(transfer([folderItem, fileItem("cat.png")])).file.name, "cat.png");
});

test("a link, and a picture of another site, are told from a file", () => {
  /** @type {Record<string, string>[]} */
  const links = [
    { "text/uri-list": "https://example.org/cat.png", "text/plain": "https://example.org/cat.png" },
    { "text/html": '<meta><img src="https://example.org/cat.png">' },
    { "text/plain": " https://example.org/cat.png\n" },
  ];
  for (const data of links) {
    assert.throws(() => givenBy(transfer([], data)), { title: /address of a picture/, advice: /asks no other site/ });
  }
});

test("a file that comes with its address is a file", () => {
  const data = { "text/uri-list": "https://example.org/cat.png" };
  assert.equal(givenBy(transfer([fileItem("cat.png")], data)).file.name, "cat.png");
});

test("text, and nothing at all, are refused in words", () => {
  assert.throws(() => givenBy(transfer([], { "text/plain": "a cat, see https://example.org" })), {
    title: "That is text, not a picture.",
  });
  assert.throws(() => givenBy(transfer([])), { title: "Nothing came with that." });
  assert.throws(() => oneOf([]), { title: "Nothing came with that." });
});
