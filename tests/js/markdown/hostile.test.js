/**
 * Texts made to hang a parser or to smuggle an address in. The limit of processor time is generous: one reading of
 * these takes some milliseconds when the work is linear, and minutes when it is not.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { MarkdownStream, parse } from "../../../static/js/markdown/stream.js";
import { DISGUISES, heavy, PLACES, SCHEMES } from "./hostile-texts.js";
import { PROVE } from "./random.js";

/** @import {TreeNode} from "../../../static/js/markdown/nodes.js" */

/** How often the tree is asked for while a text grows. */
const PIECES = PROVE ? 50 : 8;
const LIMIT_MS = PROVE ? 6_000 : 2_000;
for (const [what, text] of Object.entries(heavy)) {
  test(`${what}: in one piece and in many, in linear time`, () => {
    const begin = process.cpuUsage();
    parse(text);
    const stream = new MarkdownStream();
    const size = Math.max(1, Math.ceil(text.length / PIECES));
    for (let at = 0; at < text.length; at += size) {
      stream.append(text.slice(at, at + size));
      void stream.tree;
    }
    stream.end();
    void stream.tree;
    const { user, system } = process.cpuUsage(begin);
    const took = (user + system) / 1_000;
    assert.ok(took < LIMIT_MS, `${took} ms`);
  });
}

/** @param {readonly TreeNode[]} nodes @returns {TreeNode[]} */
const all = (nodes) => nodes.flatMap((node) => ("children" in node ? [node, ...all(node.children)] : [node]));

/** @param {string} text @param {readonly TreeNode[]} tree */
function assertHarmless(text, tree) {
  for (const node of all(tree)) {
    if (node.kind === "link") assert.match(node.href, /^(?:$|https?:|mailto:|tel:)/, JSON.stringify(text));
    if (node.kind === "picture-link") assert.match(node.href, /^https?:/, JSON.stringify(text));
    if (node.kind === "picture") assert.match(node.src, /^data:image\/(?:png|jpeg|gif|webp);base64,/, JSON.stringify(text));
  }
}

test(`${SCHEMES.length * DISGUISES.length * PLACES.length} addresses in disguise: none comes out, whole or growing`, () => {
  for (const scheme of SCHEMES) for (const disguise of DISGUISES) for (const place of PLACES) {
    const text = place(disguise(scheme));
    assertHarmless(text, parse(text));
    const stream = new MarkdownStream();
    for (const character of text) {
      stream.append(character);
      assertHarmless(text, stream.tree);
    }
  }
});
