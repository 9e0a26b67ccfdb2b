/** Footnotes and formulas: what CommonMark and GFM do not have. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { plain } from "../../../static/js/markdown/nodes.js";
import { MarkdownStream, parse } from "../../../static/js/markdown/stream.js";
import { extensionTexts } from "./extension-texts.js";
import { generate } from "./generator.js";
import { EVERY_ADDRESS, html } from "./html.js";
import { cut, PROVE, randomFrom } from "./random.js";

for (const { markdown, html: expected } of extensionTexts) {
  test(JSON.stringify(markdown), () => assert.equal(html(parse(markdown, { policy: EVERY_ADDRESS })), expected));
}

/** Pieces of what these extensions are made of. */
const PIECES = ["$", "$$", "\\(", "\\)", "\\[", "\\]", "x_1", "^2", "[^1]", "[^2]", "[^x]", "\n[^1]: ", "\n[^2]: ", "\n    ", "\n", "\n\n", " a ", "*", "`", "5", "> ", "- ", "```math\n", "|", "[", "](b)", "\\", "_"];

/** @param {() => number} random */
function generated(random) {
  let text = random() < 0.3 ? generate(random) : "";
  for (let left = 3 + random() * 25; left > 0; left -= 1) text += PIECES[Math.floor(random() * PIECES.length)];
  return text;
}

test("streamed, footnotes and formulas end as they do in one piece, and without predictions are right at every moment", () => {
  const random = randomFrom(Number(process.env["PARLEY_SEED"] ?? 7));
  const texts = extensionTexts.map(({ markdown }) => markdown);
  for (let round = 0; round < (PROVE ? 50_000 : 1_500); round += 1) {
    const text = round < texts.length * 5 ? /** @type {string} */ (texts[round % texts.length]) : generated(random);
    const chunks = cut(text, random);
    const stream = new MarkdownStream();
    const careful = new MarkdownStream({ predict: false });
    let read = "";
    for (const chunk of chunks) {
      stream.append(chunk);
      void stream.tree;
      careful.append(chunk);
      read += chunk;
      assert.deepEqual(plain(careful.tree), plain(parse(read)), JSON.stringify(chunks));
    }
    stream.end();
    assert.deepEqual(plain(stream.tree), plain(parse(text)), JSON.stringify(chunks));
  }
});

test("a formula that grows shows its source, and its marks are not taken for emphasis", () => {
  const stream = new MarkdownStream();
  for (const character of "so $a_1 * b * c$ is") {
    stream.append(character);
    assert.ok(!JSON.stringify(plain(stream.tree)).includes('"em"'));
  }
});

test("when a definition comes, only the blocks that referred to it are read again", () => {
  const stream = new MarkdownStream();
  stream.append("a[^1]\n\nb\n\nc[^2]\n\n");
  const [first, second, third] = stream.tree;
  const revisions = [first, second, third].map((node) => (node?.kind === "element" ? node.growth?.revision : -1));
  stream.append("[^2]: x\n\n");
  const after = stream.tree.slice(0, 3).map((node) => (node.kind === "element" ? node.growth?.revision : -1));
  assert.deepEqual(stream.tree.slice(0, 3), [first, second, third]);
  assert.deepEqual([after[0], after[1]], [revisions[0], revisions[1]]);
  assert.notEqual(after[2], revisions[2]);
  assert.equal(html(stream.tree), "<p>a[^1]</p><p>b</p><p>c<sup>1</sup></p><ol><li><div><p>x</p></div><a>↩1</a></li></ol>");
});
