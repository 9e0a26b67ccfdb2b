/** Random documents read like markdown-it reads them, but for the differences that are written down. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { plain } from "../../../static/js/markdown/nodes.js";
import { parse } from "../../../static/js/markdown/stream.js";
import { differences } from "./differences.js";
import { examples } from "./examples.js";
import { generate, mutate } from "./generator.js";
import { EVERY_ADDRESS, html, normal } from "./html.js";
import { PROVE, randomFrom } from "./random.js";
import { referenceTree } from "./reference.js";

const COUNT = PROVE ? 100_000 : 2_000;
const SEED = Number(process.env["PARLEY_SEED"] ?? 1);

/** @param {string} text */
const isExplained = (text) => differences.some(({ pattern }) => pattern.test(text));

for (const { why, markdown, html: expected, pattern } of differences) {
  test(`unlike markdown-it: ${why}`, () => {
    assert.equal(normal(html(parse(markdown, { policy: EVERY_ADDRESS, autolinks: "none" }))), normal(expected));
    assert.match(markdown, pattern);
  });
}

test(`${COUNT} documents, generated and mutated`, () => {
  const random = randomFrom(SEED);
  for (let compared = 0; compared < COUNT; ) {
    const mutated = random() < 0.33;
    const example = examples[Math.floor(random() * examples.length)]?.markdown ?? "";
    const text = `${mutated ? mutate(example, random) : generate(random)}\n`;
    if (isExplained(text)) continue;
    compared += 1;
    assert.deepEqual(plain(parse(text, { autolinks: "none" })), plain(referenceTree(text)), JSON.stringify(text));
  }
});
