import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import test from "node:test";

import { placesIn, readPage, readTemplates } from "./sentences.js";

const FOLDER = "static/languages";
const { said, notLiteral, unsaid } = readPage();
/** @type {Map<string, string | null>} every sentence of the page, and the singular of those that are counted */
const sentences = new Map(said.map(({ sentence, one }) => [sentence, one]));
for (const sentence of readTemplates()) sentences.set(sentence, null);

test("sentences are given as literals", () => {
  assert.deepEqual(notLiteral, []);
});

test("nothing is shown or read out that nobody can translate", () => {
  assert.deepEqual(unsaid, []);
});

test("a sentence is either counted or not, with one singular", () => {
  for (const { sentence, one, where } of said) assert.equal(one, sentences.get(sentence), where);
});

test("a sentence has no blanks around it: they would be glued to another one", () => {
  assert.deepEqual([...sentences.keys()].filter((sentence) => sentence !== sentence.trim()), []);
});

for (const name of readdirSync(FOLDER)) {
  const catalogue = JSON.parse(readFileSync(`${FOLDER}/${name}`, "utf-8"));
  /** @type {[string, string | Record<string, string>][]} */
  const entries = Object.entries(catalogue.sentences);

  test(`${name} is called after its language, which has a direction and plurals`, () => {
    assert.equal(catalogue.language, basename(name, ".json"));
    assert.deepEqual(Intl.getCanonicalLocales(catalogue.language), [catalogue.language]);
    assert.ok(["ltr", "rtl"].includes(catalogue.direction));
    assert.deepEqual(Intl.PluralRules.supportedLocalesOf(catalogue.language), [catalogue.language]);
  });

  test(`${name} has every sentence of the page and no other`, () => {
    const has = new Set(entries.map(([sentence]) => sentence));
    assert.deepEqual([...sentences.keys()].filter((sentence) => !has.has(sentence)), [], "missing");
    assert.deepEqual([...has].filter((sentence) => !sentences.has(sentence)), [], "not said any more");
  });

  test(`${name} counts where the page counts, in all of the language's forms`, () => {
    const forms = new Intl.PluralRules(catalogue.language).resolvedOptions().pluralCategories;
    for (const [sentence, words] of entries) {
      const counted = typeof sentences.get(sentence) === "string";
      assert.equal(typeof words, counted ? "object" : "string", sentence);
      // A form may be left out for the general one, which is always there.
      if (typeof words !== "object") continue;
      assert.ok("other" in words, sentence);
      assert.deepEqual(Object.keys(words).filter((form) => form !== "one" && !forms.some((known) => known === form)), [], sentence);
    }
  });

  test(`${name} fills the same places`, () => {
    for (const [sentence, words] of entries) {
      const wanted = placesIn(sentence);
      if (typeof words === "string") {
        assert.deepEqual(placesIn(words), wanted, words);
        continue;
      }
      // “One word” needs no number, and “Deleted “{title}”” can have another place than the general form.
      const most = new Set([...wanted, ...placesIn(sentences.get(sentence) ?? ""), "count"]);
      for (const [form, text] of Object.entries(words)) {
        if (form === "other") assert.deepEqual(placesIn(text), wanted, text);
        else assert.ok(placesIn(text).every((place) => most.has(place)), text);
      }
    }
  });
}
