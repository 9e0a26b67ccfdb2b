import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import MarkdownIt from "markdown-it";

import { learnAllNames, missedNames, namedCharacters } from "../../../static/js/markdown/entities.js";

test("the common names are there at once; others are missed, and then loaded", async () => {
  assert.equal(namedCharacters("copy"), "©");
  assert.equal(namedCharacters("nbsp"), "\u00a0");
  assert.equal(missedNames(), null);
  assert.equal(namedCharacters("HilbertSpace"), undefined);
  assert.equal(await missedNames(), true);
  assert.equal(namedCharacters("HilbertSpace"), "ℋ");
  assert.equal(missedNames(), null);
});

test("all named references are those of HTML", async () => {
  await learnAllNames();
  const source = readFileSync(new URL("../../../static/js/markdown/all-entities.js", import.meta.url), "utf8");
  const table = [...source.matchAll(/^ {2}"(.*)"/gm)].map(([, line]) => line).join("");
  const names = table.split(" ").filter((_, at) => at % 2 === 0);
  assert.equal(names.length, 2_125);
  const { unescapeAll } = new MarkdownIt().utils;
  for (const name of names) assert.equal(namedCharacters(name), unescapeAll(`&${name};`), name);
  assert.equal(namedCharacters("nothing"), undefined);
});
