/** Unfinished syntax shows as what it is about to become: no raw marks, and nothing that was shown is taken back. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { MarkdownStream } from "../../../static/js/markdown/stream.js";

/** @import {TreeNode} from "../../../static/js/markdown/nodes.js" */

/** @param {readonly TreeNode[]} nodes @returns {string} */
function words(nodes) {
  return nodes.map((node) => {
    if (node.kind === "text") return node.text;
    if (node.kind === "code-block") return node.spans.join("");
    if (node.kind === "picture-link") return node.alt;
    if (!("children" in node)) return "";
    return words(node.children) + (node.kind === "element" && /^(?:p|li|h\d|t[dh])$/.test(node.tag) ? "\n" : "");
  }).join("");
}

const GROWING = [
  "Some **bold words** here.",
  "Some *emphasised words* and __strong__ and _so on_.",
  "***Both*** and **strong *and* emphasised**.",
  "Some `code` and ``co`de`` here.".replace("co`de", "code"),
  "A ~~wrong~~ word.",
  "See [the guide](https://example.com/a_b 'Title') now.",
  "See **[the guide](https://example.com)** now.",
  "![A cat](https://pictures.example/cat.png) above.",
  "# Heading\n\nText",
  "## Heading with `code`\nText",
  "- one\n- two\n  - three\n\nText",
  "1. one\n2. **two**\n10. three",
  "- [ ] open\n- [x] done",
  "| Name | Value |\n|---|:-:|\n| a | **b** |\n| c | `d` |\n\nText",
  "Text\n\n---\n\nMore",
  "Text\n\n```js\nlet a;\n```\n\nMore",
  "~~~\ncode\n~~~\n",
  "> quoted **words**\n> and more",
  "Fish &amp; chips \\*as is\\*".replaceAll("\\*", ""),
  "[g]: https://example.com 'The guide'\n\nText",
  "https://example.com/x and more",
];

for (const text of GROWING) {
  test(`no flicker in ${JSON.stringify(text)}`, () => {
    const stream = new MarkdownStream();
    let shown = "";
    for (let at = 0; at < text.length; at += 1) {
      stream.append(text.charAt(at));
      const now = words(stream.tree).trimEnd();
      assert.doesNotMatch(now, /[*`~[\]|#]/, JSON.stringify(text.slice(0, at + 1)));
      assert.ok(now.startsWith(shown), JSON.stringify([text.slice(0, at + 1), shown, now]));
      shown = now;
    }
  });
}

/** @param {string} text */
function treeOf(text) {
  const stream = new MarkdownStream();
  stream.append(text);
  return stream.tree;
}

test("half syntax has its node already", () => {
  const [strong] = treeOf("**bo");
  assert.deepEqual(strong?.kind === "element" && strong.children, [{ kind: "element", tag: "strong", children: [{ kind: "text", text: "bo" }] }]);
  const [link] = treeOf("[the guide](http://exam");
  assert.deepEqual(link?.kind === "element" && link.children, [{ kind: "link", href: "", title: "", children: [{ kind: "text", text: "the guide" }] }]);
  assert.ok(treeOf("| a | b |").some((node) => node.kind === "element" && node.tag === "table"));
  assert.equal(treeOf("```js").length, 0);
  assert.ok(treeOf("```js\n").some((node) => node.kind === "code-block" && node.language === "js"));
});

test("the end takes all guesses back", () => {
  const stream = new MarkdownStream();
  stream.append("a **b and [c");
  stream.end();
  assert.equal(words(stream.tree), "a **b and [c\n");
});

test("a definition that comes late makes links of what looked for it, and leaves the rest alone", () => {
  const stream = new MarkdownStream();
  stream.append("See [a].\n\nNot this.\n\nAnd [b].\n\n");
  const before = [...stream.tree];
  const others = before.map((node) => (node.kind === "element" ? node.growth?.revision : 0));
  stream.append("[a]: https://example.com\n");
  stream.append("\nx");
  const after = stream.tree;
  const [first, second, third] = after;
  assert.ok(first?.kind === "element" && first.children.some(({ kind }) => kind === "link"));
  assert.ok(second === before[1] && second?.kind === "element" && second.growth?.revision === others[1]);
  assert.ok(third === before[2] && third?.kind === "element" && third.growth?.revision === others[2]);
});
