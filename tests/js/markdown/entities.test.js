import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import MarkdownIt from "markdown-it";

import { namedCharacters } from "../../../static/js/markdown/entities.js";

test("all named references are those of HTML", () => {
  const source = readFileSync(new URL("../../../static/js/markdown/entities.js", import.meta.url), "utf8");
  const table = [...source.matchAll(/^ {2}"(.*)"/gm)].map(([, line]) => line).join("");
  const names = table.split(" ").filter((_, at) => at % 2 === 0);
  assert.equal(names.length, 2_125);
  const { unescapeAll } = new MarkdownIt().utils;
  for (const name of names) assert.equal(namedCharacters(name), unescapeAll(`&${name};`), name);
  assert.equal(namedCharacters("nothing"), undefined);
});
