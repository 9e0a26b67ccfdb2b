/** A text that arrives in pieces ends in the tree it has in one piece, and is at every moment what it should be. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { plain } from "../../../static/js/markdown/nodes.js";
import { MarkdownStream, parse } from "../../../static/js/markdown/stream.js";
import { answers } from "./answers.js";
import { examples } from "./examples.js";
import { generate, mutate } from "./generator.js";
import { gfmCases } from "./gfm-cases.js";
import { EVERY_ADDRESS } from "./html.js";
import { cut, PROVE, randomFrom } from "./random.js";

/** @import {Options} from "../../../static/js/markdown/stream.js" */

const CHUNKINGS = PROVE ? 5_000 : 50;
const texts = [...examples.map(({ markdown }) => markdown), ...gfmCases.map(({ markdown }) => markdown)];

/**
 * @param {string} text
 * @param {readonly string[]} chunks
 * @param {Options} options
 */
function assertSameAtTheEnd(text, chunks, options) {
  const stream = new MarkdownStream(options);
  for (const chunk of chunks) {
    stream.append(chunk);
    void stream.tree;
  }
  stream.end();
  assert.deepEqual(plain(stream.tree), plain(parse(text, options)), JSON.stringify(chunks));
}

/**
 * @param {readonly string[]} chunks
 * @param {Options} options
 */
function assertSameAlways(chunks, options) {
  const stream = new MarkdownStream({ ...options, predict: false });
  let text = "";
  for (const chunk of chunks) {
    stream.append(chunk);
    text += chunk;
    assert.deepEqual(plain(stream.tree), plain(parse(text, options)), JSON.stringify(chunks));
  }
}

test(`${texts.length} short texts, ${CHUNKINGS} chunkings each, with predictions`, () => {
  const random = randomFrom(1);
  for (const text of texts) {
    for (let round = 0; round < CHUNKINGS; round += 1) assertSameAtTheEnd(text, cut(text, random), { policy: EVERY_ADDRESS });
  }
});

test("character by character, without predictions: the tree of the text so far, always", () => {
  for (const text of texts) assertSameAlways([...text], { policy: EVERY_ADDRESS });
});

test("the same for texts that follow one another, which meet each other's open blocks", () => {
  const random = randomFrom(2);
  for (let round = 0; round < (PROVE ? 5_000 : 300); round += 1) {
    const text = Array.from({ length: 4 }, () => texts[Math.floor(random() * texts.length)]).join(random() < 0.5 ? "" : "\n");
    assertSameAtTheEnd(text, cut(text, random), { policy: EVERY_ADDRESS });
    if (round % 5 === 0) assertSameAlways(cut(text, random), { policy: EVERY_ADDRESS });
  }
});

test("random documents", () => {
  const random = randomFrom(Number(process.env["PARLEY_SEED"] ?? 4));
  for (let round = 0; round < (PROVE ? 20_000 : 300); round += 1) {
    const text = random() < 0.3 ? mutate(texts[Math.floor(random() * texts.length)] ?? "", random) : generate(random);
    assertSameAtTheEnd(text, cut(text, random), {});
    assertSameAlways(cut(text, random), {});
  }
});

for (const [name, text] of Object.entries(answers)) {
  test(`the answer “${name}”`, () => {
    const random = randomFrom(3);
    for (let round = 0; round < (PROVE ? 50 : 3); round += 1) assertSameAtTheEnd(text, cut(text, random), {});
    assertSameAlways(cut(text, random).reduce((/** @type {string[]} */ all, chunk, at) => (at % 25 ? [...all.slice(0, -1), all.at(-1) + chunk] : [...all, chunk]), []), {});
  });
}
