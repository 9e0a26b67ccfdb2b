import assert from "node:assert/strict";
import test from "node:test";

import * as english from "../../static/js/say.js";

Object.assign(globalThis, {
  parleyCatalogue: {
    language: "ar",
    sentences: {
      "Stop": "قف",
      "Press {key} to {what}": "{what}: {key}",
      "{count} words": { zero: "صفر", one: "كلمة", two: "كلمتان", few: "{count} كلمات", many: "{count} كلمة", other: "{count} كلمة." },
      "{count} files of {name}": { other: "{name}: {count}" },
      "Deleted {count}": { one: "{name}", other: "{count}" },
    },
  },
});
// Another instance of the module, as a page with that catalogue has it.
const other = "../../static/js/say.js?ar";
const arabic = /** @type {typeof english} */ (await import(other));

test("without a catalogue the sentence is said as it is written", () => {
  assert.equal(english.language(), "en");
  assert.equal(english.say("Stop"), "Stop");
  assert.equal(english.say("Press {key} to {what}", { key: "/", what: "search" }), "Press / to search");
  assert.equal(english.say("{count} left", { count: 1200 }), "1,200 left");
});

test("values are text: what looks like a place in them stays", () => {
  assert.equal(english.say("Called {name}", { name: "{name} {key} $&" }), "Called {name} {key} $&");
});

test("a count chooses the form, and is written as the language writes it", () => {
  const words = (/** @type {number} */ count) => english.sayMany(count, "One word", "{count} words");
  assert.deepEqual([0, 1, 2, 1000].map(words), ["0 words", "One word", "2 words", "1,000 words"]);
  const arabs = [0, 1, 2, 3, 11, 100].map((count) => arabic.sayMany(count, "One word", "{count} words"));
  const three = (3).toLocaleString("ar");
  assert.deepEqual(arabs.slice(0, 4), ["صفر", "كلمة", "كلمتان", `${three} كلمات`]);
  assert.ok(arabs[4]?.endsWith("كلمة") && arabs[5]?.endsWith("كلمة."));
});

test("a form that the catalogue has not is its general one", () => {
  assert.equal(arabic.sayMany(1, "{count} file of {name}", "{count} files of {name}", { name: "x" }), `x: ${(1).toLocaleString("ar")}`);
});

test("one thing can be named in every language", () => {
  const deleted = (/** @type {number} */ count) => arabic.sayMany(count, "Deleted {name}", "Deleted {count}", { name: "x" });
  assert.deepEqual([1, 3].map(deleted), ["x", (3).toLocaleString("ar")]);
});

test("a catalogue may turn the order of places round, of markup too", () => {
  assert.equal(arabic.language(), "ar");
  assert.equal(arabic.say("Stop"), "قف");
  assert.equal(arabic.say("Press {key} to {what}", { key: "/", what: "ابحث" }), "ابحث: /");
  const key = { markup: true };
  assert.deepEqual(arabic.sayParts("Press {key} to {what}", { key, what: "ابحث" }), ["", "ابحث", ": ", key, ""]);
});

test("a sentence that the catalogue has not is said in English", () => {
  assert.equal(arabic.say("Not there yet"), "Not there yet");
  assert.equal(arabic.sayMany(2, "{count} part", "{count} parts"), `${(2).toLocaleString("ar")} parts`);
});
