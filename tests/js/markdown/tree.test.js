import assert from "node:assert/strict";
import { test } from "node:test";

import { allowedLink } from "../../../static/js/markdown/addresses.js";
import { plain } from "../../../static/js/markdown/nodes.js";
import { parse } from "../../../static/js/markdown/stream.js";

/** @import {TreeNode} from "../../../static/js/markdown/nodes.js" */

/**
 * All nodes of a tree.
 * @param {readonly TreeNode[]} nodes
 * @returns {TreeNode[]}
 */
function all(nodes) {
  return nodes.flatMap((node) => ("children" in node ? [node, ...all(node.children)] : [node]));
}

/**
 * @param {readonly TreeNode[]} nodes
 * @returns {string}
 */
function words(nodes) {
  return all(nodes).map((node) => ("text" in node ? node.text : "")).join("");
}

const DISGUISES = [
  "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](<java\nscript:alert(1)>)", "[x](&#106;avascript:alert(1))",
  "[x](javascript&colon;alert(1))", "[x](<java\tscript:alert(1)>)", "[x](java&Tab;script:alert(1))", "[x](vbscript:x)",
  "[x](data:text/html,<script>alert(1)</script>)", "[x](data:text/html;base64,PHNjcmlwdD4=)", "[x](file:///etc/passwd)",
  "[x](blob:https://a.b/c)", "[x](\u0001javascript:alert(1))", "[x](%6Aavascript:alert(1))", "[x](//evil.example/x)",
  "[x](/logout)", "[x](#top)", "<javascript:alert(1)>", "![x](javascript:alert(1))", "[x]: javascript:alert(1)\n\n[x]",
  "![x](data:image/svg+xml;base64,PHN2Zz4=)", "![x](//evil.example/x.png)", "![x](/api/visitor)", "[x](intent://a#Intent;end)",
];

for (const source of DISGUISES) {
  test(`no address comes out of ${JSON.stringify(source)}`, () => {
    for (const node of all(parse(source))) {
      assert.ok(!["link", "picture", "picture-link"].includes(node.kind), JSON.stringify(node));
    }
  });
}

test("raw HTML is text, in a block and in a line", () => {
  const source = '<script>alert(1)</script>\n\na <b onclick="x()">b</b> <img src=x onerror=alert(1)>';
  const tree = parse(source);
  assert.ok(all(tree).every((node) => node.kind === "text" || (node.kind === "element" && node.tag === "p")));
  assert.match(words(tree), /<script>alert\(1\)<\/script>/);
  assert.match(words(tree), /onerror=alert\(1\)/);
});

test("only these kinds and tags exist, whatever the text", () => {
  const tags = new Set("p h3 h4 h5 h6 strong em s code br hr blockquote ul ol li table thead tbody tr th td".split(" "));
  const kinds = new Set(["text", "element", "link", "picture", "picture-link", "code-block", "task"]);
  const pieces = ["# ", "- ", "> ", "```", "`", "**", "*", "_", "[", "](", ")", "<b>", "&lt;", "|", "\n", "\n\n", "a", "http://x.y", "![", "1. ", "~~", "\\", "    ", "---", ":", "[x] "];
  let seed = 7;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let round = 0; round < 400; round += 1) {
    const source = Array.from({ length: 40 }, () => pieces[Math.floor(random() * pieces.length)]).join("");
    for (const node of all(parse(source))) {
      assert.ok(kinds.has(node.kind));
      if (node.kind === "element") assert.ok(tags.has(node.tag), node.tag);
      if (node.kind === "link") assert.match(node.href, /^(https?|mailto|tel):/);
      if (node.kind === "picture-link") assert.match(node.href, /^https?:/);
    }
  }
});

test("links keep what they may be", () => {
  assert.equal(allowedLink("https://example.com/a?b=c#d"), "https://example.com/a?b=c#d");
  assert.equal(allowedLink("mailto:a@b.c"), "mailto:a@b.c");
  assert.equal(allowedLink("tel:+49123"), "tel:+49123");
  assert.equal(allowedLink("not an address"), null);
  const [node] = all(parse('see https://a.b/c')).filter(({ kind }) => kind === "link");
  assert.ok(node?.kind === "link" && node.href === "https://a.b/c");
});

test("file names are not addresses", () => {
  assert.ok(all(parse("open readme.md and node.js at 10.0.0.1")).every(({ kind }) => kind !== "link"));
});

test("a picture elsewhere becomes a link that names its host; inside a link its description stays", () => {
  const [picture] = all(parse("![A cat](https://pictures.example/cat.png)")).filter((node) => node.kind === "picture-link");
  assert.deepEqual(picture, { kind: "picture-link", href: "https://pictures.example/cat.png", host: "pictures.example", alt: "A cat" });
  const nested = all(parse("[![A cat](https://p.example/c.png)](https://a.b)"));
  assert.ok(nested.every(({ kind }) => kind !== "picture-link"));
  assert.equal(words(nested.filter(({ kind }) => kind === "text")), "A cat");
});

test("structure: headings below the page's own, lists, tables, code, tasks", () => {
  const tree = parse("# One\n\n3. c\n4. d\n\n|a|b|\n|:-|-:|\n|1|2|\n\n```js extra\nlet a;\n```\n\n- [x] done\n- [ ] open");
  const [heading, list, table, code, tasks] = tree;
  assert.ok(heading?.kind === "element" && heading.tag === "h3" && heading.level === 1);
  assert.ok(list?.kind === "element" && list.tag === "ol" && list.start === 3);
  const cells = all(table ? [table] : []).filter((node) => node.kind === "element" && node.tag === "td");
  assert.deepEqual(cells.map((cell) => cell.kind === "element" && cell.align), ["left", "right"]);
  assert.deepEqual(plain(code ? [code] : [])[0], { kind: "code-block", language: "js", text: "let a;\n" });
  assert.deepEqual(all(tasks ? [tasks] : []).flatMap((node) => (node.kind === "task" ? [node.done] : [])), [true, false]);
});

test("headings leave out no level, wherever they begin", () => {
  const tags = (/** @type {string} */ source) =>
    all(parse(source)).flatMap((node) => (node.kind === "element" && node.level ? [node.tag] : []));
  assert.deepEqual(tags("## a\n# b\n### c\n## d\n### e"), ["h3", "h3", "h4", "h4", "h5"]);
  assert.deepEqual(tags("# a\n## b\n### c\n#### d\n##### e\n###### f\n# g"), ["h3", "h4", "h5", "h6", "h6", "h6", "h3"]);
  assert.deepEqual(tags("### a\n\n> # b\n\n- ## c"), ["h3", "h3", "h4"]);
});

test("an unfinished code fence is a code block already", () => {
  const [code] = parse("```python\nprint(");
  assert.deepEqual(plain(code ? [code] : [])[0], { kind: "code-block", language: "python", text: "print(" });
});

test("deep nesting does not exhaust the stack", () => {
  assert.ok(parse("> ".repeat(5_000) + "x").length > 0);
  assert.ok(parse("- ".repeat(5_000) + "x").length > 0);
  assert.ok(parse("*".repeat(20_000)).length > 0);
  assert.ok(parse("[".repeat(20_000)).length > 0);
});
