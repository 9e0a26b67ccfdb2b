/**
 * Texts made to hang a parser or to smuggle an address in. The limit of processor time is generous: one reading of
 * these takes some milliseconds when the work is linear, and minutes when it is not.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { MarkdownStream, parse } from "../../../static/js/markdown/stream.js";
import { PROVE } from "./random.js";

/** @import {TreeNode} from "../../../static/js/markdown/nodes.js" */

/** How often the tree is asked for while a text grows. */
const PIECES = PROVE ? 50 : 8;
const LIMIT_MS = PROVE ? 6_000 : 2_000;
const MANY = 100_000;
/** @param {string} text @param {number} [times] */
const many = (text, times = MANY) => text.repeat(times);

/** @type {Record<string, string>} */
const heavy = {
  "quotes in quotes": `${many("> ", 10_000)}x`,
  "quotes in quotes, without spaces": `${many(">", MANY)}x`,
  "lists in lists": `${many("- ", 10_000)}x`,
  "numbered lists in lists": `${many("1. ", 10_000)}x`,
  "lists in quotes in lists": `${many("- > ", 10_000)}x`,
  "ever deeper lists": Array.from({ length: 1_000 }, (_, at) => `${" ".repeat(at * 2)}- x`).join("\n"),
  "deep quotes over many lines": `${many(`${many(">", 200)} a\n`, 2_000)}`,
  "lazy lines": `${many("> ", 200)}a\n${many("b\n", 20_000)}`,
  "opening brackets": many("["),
  "closing brackets": many("]"),
  "brackets in brackets": many("[", 50_000) + many("]", 50_000),
  "brackets with letters": many("[a", 50_000),
  "pictures' brackets": many("![", 50_000),
  "half links": many("[a](", 30_000),
  "half links with an address": many("[a](b", 30_000),
  "half links in pointed brackets": many("[a](<b", 30_000),
  "half links with a title": many('[a](b "', 30_000),
  "half links with other titles": many("[a](b 'c [a](b \"d", 20_000),
  "links behind each other": many("[a](b)", 30_000),
  "links in links": `${many("[", 30_000)}a${many("](b)", 30_000)}`,
  "pictures in pictures": `${many("![", 30_000)}a${many("](b)", 30_000)}`,
  "references to nothing": many("[a] ", 30_000),
  "full references to nothing": many("[a][b]", 30_000),
  "a long label": `[${many("a")}]: /b\n\n[${many("a")}]`,
  "parentheses": `[a](${many("(", 50_000)}`,
  "asterisks": many("*"),
  "underscores": many("_"),
  "tildes": `a${many("~")}`,
  "asterisks and letters": many("*a ", 50_000),
  "letters and asterisks": many("a* ", 50_000),
  "asterisks on both sides": many("*a* ", 30_000),
  "strong in emphasis": many("*a **b ", 30_000),
  "emphasis closed": `${many("*a ", 30_000)}${many("b* ", 30_000)}`,
  "three kinds of marks": many("*a_ ~b* _c~ ", 15_000),
  "marks of all lengths": Array.from({ length: 400 }, (_, at) => `${"*".repeat(at % 97)}a`).join(" "),
  "backticks": many("`"),
  "backticks of all lengths": Array.from({ length: 1_000 }, (_, at) => "`".repeat(at)).join("a"),
  "backticks with letters": many("`a``", 30_000),
  "backslashes": many("\\"),
  "backslashes and line ends": many("\\\n", 50_000),
  "pointed brackets": many("<"),
  "half addresses": many("<http:", 30_000),
  "half mail addresses": many("<a@b", 30_000),
  "a long mail address": `<${many("a")}@b>`,
  "ampersands": many("&"),
  "half references": many("&#1", 30_000),
  "addresses": many("http://a.b ", 20_000),
  "addresses in addresses": many("http://", 30_000),
  "an address with brackets": `http://a.b/${many("(", 50_000)}${many(")", 50_000)}`,
  "an address with dots": `http://a.b/${many(".")}`,
  "an address with a long host": `http://${many("a.")}`,
  "one long line": many("word ", 200_000),
  "one long word": many("w", 1_000_000),
  "line ends": many("\n"),
  "lines of spaces": many("    \n", 50_000),
  "tabs": many("\t"),
  "spaces before a line end": `a${many(" ")}\nb`,
  "a wide table": `|${many("a|", 5_000)}\n|${many("-|", 5_000)}\n${many("|\n", 5_000)}`,
  "a table row of pipes": `|a|\n|-|\n${many("|")}`,
  "escaped pipes": `|a|\n|-|\n${many("\\|")}`,
  "table heads without tables": many("a | b\n", 20_000),
  "definitions": Array.from({ length: 20_000 }, (_, at) => `[${at}]: /x`).join("\n"),
  "the same definition": many("[a]: /x\n", 20_000),
  "half definitions": many("[a]: /x 'b\n", 10_000),
  "definitions after uses": `${many("[a] [b] [c]\n\n", 5_000)}[a]: /x\n[b]: /y\n[c]: /z`,
  "headings": many("# a\n", 20_000),
  "a heading of number signs": `# ${many("#")}`,
  "a heading of closed number signs": `# a ${many("# ")}`,
  "fences": many("```\n", 20_000),
  "a long fence": `${many("`")}\na`,
  "rules": many("* * *\n", 20_000),
  "a long rule": many("* "),
  "almost a rule": `${many("- ", 50_000)}x`,
  "list items": many("- a\n", 20_000),
  "list items of two kinds": many("- a\n* b\n", 10_000),
  "empty items": many("-\n", 20_000),
  "NULs": many("\0"),
  "half surrogates": many("\ud800"),
  "carriage returns": many("\r"),
};

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

const SCHEMES = ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "vbscript:x", "data:text/html,<script>", "data:text/html;base64,PHN=", "file:///etc/passwd", "blob:https://a.b/c", "intent://a#Intent;end", "about:blank", "view-source:http://a.b", "ftp://a.b", "ws://a.b", "//evil.example/x", "/logout", "#top", "?q=x", "\\\\evil.example", "data:image/svg+xml;base64,PHN2Zz4=", "chrome://settings", "x-javascript:1"];
const DISGUISES = [
  (/** @type {string} */ address) => address,
  (/** @type {string} */ address) => ` ${address}`,
  (/** @type {string} */ address) => `\u0001${address}`,
  (/** @type {string} */ address) => address.replace("a", "&#97;"),
  (/** @type {string} */ address) => address.replace(":", "&colon;"),
  (/** @type {string} */ address) => address.replace("s", "s&Tab;"),
  (/** @type {string} */ address) => address.replace("s", "s&NewLine;"),
  (/** @type {string} */ address) => address.replace("i", "\\i"),
  (/** @type {string} */ address) => address.replace("r", "%72"),
  (/** @type {string} */ address) => address.replace(":", "\\:"),
  (/** @type {string} */ address) => `&#x20;${address}`,
  (/** @type {string} */ address) => `\u200b${address}`,
];
const PLACES = [
  (/** @type {string} */ address) => `[x](${address})`,
  (/** @type {string} */ address) => `[x](<${address}>)`,
  (/** @type {string} */ address) => `[x](<${address}> "t")`,
  (/** @type {string} */ address) => `![x](${address})`,
  (/** @type {string} */ address) => `<${address}>`,
  (/** @type {string} */ address) => `[x]: ${address}\n\n[x] ![x] [x][x]`,
  (/** @type {string} */ address) => `[x]: <${address}>\n\n[x]`,
  (/** @type {string} */ address) => `[![x](${address})](${address})`,
  (/** @type {string} */ address) => `**[x](${address})** ${address}`,
  (/** @type {string} */ address) => `<a href="${address}">x</a> <img src="${address}">`,
];

/** @param {readonly TreeNode[]} nodes @returns {TreeNode[]} */
const all = (nodes) => nodes.flatMap((node) => ("children" in node ? [node, ...all(node.children)] : [node]));

/** @param {string} text @param {readonly TreeNode[]} tree */
function assertHarmless(text, tree) {
  for (const node of all(tree)) {
    if (node.kind === "link") assert.match(node.href, /^(?:$|https?:|mailto:|tel:)/, JSON.stringify(text));
    if (node.kind === "picture-link") assert.match(node.href, /^https?:/, JSON.stringify(text));
    if (node.kind === "picture") assert.match(node.src, /^data:image\/(?:png|jpeg|gif|webp|avif);base64,/, JSON.stringify(text));
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
