import assert from "node:assert/strict";
import test from "node:test";

import { caps, FIRST_KEYS } from "../../static/js/key-names.js";
import { capsOf, shortcutFor, SHORTCUTS } from "../../static/js/shortcuts.js";

/** @param {Partial<import("../../static/js/shortcuts.js").Pressed>} keys */
const pressed = (keys) => ({ key: "", code: "", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...keys });
const here = { mac: false, inField: false };

test("Mod is Command on a Mac and Control elsewhere, and never the other one", () => {
  assert.equal(shortcutFor(pressed({ key: "k", ctrlKey: true }), here), "palette");
  assert.equal(shortcutFor(pressed({ key: "k", metaKey: true }), here), null);
  assert.equal(shortcutFor(pressed({ key: "k", metaKey: true }), { ...here, mac: true }), "palette");
  assert.equal(shortcutFor(pressed({ key: "k", ctrlKey: true }), { ...here, mac: true }), null);
});

test("a key with more held down than it says is another key", () => {
  assert.equal(shortcutFor(pressed({ key: "K", ctrlKey: true, shiftKey: true }), here), null);
  assert.equal(shortcutFor(pressed({ key: "k", ctrlKey: true, altKey: true }), here), null, "AltGr is Control and Alt at once");
  assert.equal(shortcutFor(pressed({ key: "O", ctrlKey: true, shiftKey: true }), here), "new");
  assert.equal(shortcutFor(pressed({ key: "o", ctrlKey: true }), here), null);
});

test("signs count wherever they stand on the keyboard, but not while somebody writes", () => {
  assert.equal(shortcutFor(pressed({ key: "?", shiftKey: true }), here), "shortcuts");
  assert.equal(shortcutFor(pressed({ key: "/", shiftKey: true }), here), "write", "Shift+7 on a German keyboard");
  for (const key of ["?", "/"]) assert.equal(shortcutFor(pressed({ key }), { ...here, inField: true }), null);
});

test("a keyboard of another script is read by the place of its keys", () => {
  assert.equal(shortcutFor(pressed({ key: "л", code: "KeyK", ctrlKey: true }), here), "palette");
  assert.equal(shortcutFor(pressed({ key: "t", code: "KeyK", ctrlKey: true }), here), null, "Dvorak has its own K");
});

test("Alt with arrows stays with a Mac's fields", () => {
  const up = pressed({ key: "ArrowUp", altKey: true });
  assert.equal(shortcutFor(up, { mac: false, inField: true }), "previous");
  assert.equal(shortcutFor(up, { mac: true, inField: true }), null);
  assert.equal(shortcutFor(up, { mac: true, inField: false }), "previous");
});

test("keys that elements handle themselves are only listed", () => {
  for (const key of ["Enter", "Escape", "ArrowUp"]) assert.equal(shortcutFor(pressed({ key }), here), null);
  assert.equal(shortcutFor(pressed({ key: "Escape", shiftKey: true }), here), "composer");
});

test("no two shortcuts of the page have the same keys or the same name", () => {
  const handled = SHORTCUTS.filter(({ fields }) => fields);
  assert.equal(new Set(handled.map(({ keys }) => keys)).size, handled.length);
  assert.equal(new Set(SHORTCUTS.map(({ id }) => id)).size, SHORTCUTS.length);
});

test("caps are as printed", () => {
  assert.deepEqual(caps("Mod+Shift+O", true), ["⌘", "⇧", "O"]);
  assert.deepEqual(caps("Mod+Shift+O", false), ["Ctrl", "Shift", "O"]);
  assert.deepEqual(capsOf("next", false), ["Alt", "↓"]);
  assert.deepEqual(capsOf("nothing", false), []);
});

test("the keys that the first page names are those of the table", () => {
  for (const [id, keys] of Object.entries(FIRST_KEYS)) assert.equal(SHORTCUTS.find((one) => one.id === id)?.keys, keys, id);
});
