/** Answers as plain text, and texts that are measured without being laid out. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { parse } from "../../static/js/markdown/index.js";
import { plainText } from "../../static/js/plain-text.js";
import { answerHeight_px, isLong, lines } from "../../static/js/sizes.js";

const plain = (/** @type {string} */ markdown) => plainText(parse(markdown));

test("plain text keeps what is said and drops how it is marked", () => {
  assert.equal(plain("# Title\n\nSome *fine* **words** and `code`.\nNext line"), "Title\n\nSome fine words and code.\nNext line");
  assert.equal(plain("- one\n- two\n  - deep\n\n3. three\n4. four"), "• one\n• two\n  • deep\n\n3. three\n4. four");
  assert.equal(plain("- [x] done\n- [ ] open"), "• ☑ done\n• ☐ open");
  assert.equal(plain("| a | b |\n|---|---|\n| 1 | **2** |"), "a\tb\n1\t2");
  assert.equal(plain("```js\nlet a;\n\nlet b;\n```"), "let a;\n\nlet b;");
  assert.equal(plain("> quoted\n\n---\n\n[text](https://x.test) a\\\nb"), "quoted\n\ntext a\nb");
  assert.equal(plain(""), "");
});

test("the room a text takes is guessed from its lines", () => {
  assert.equal(lines("", 10), 1);
  assert.equal(lines("a\nb\n", 10), 3);
  assert.equal(lines("x".repeat(25), 10), 3);
  assert.ok(answerHeight_px("a\n".repeat(100)) > answerHeight_px("a\n".repeat(10)) * 5);
  assert.ok(isLong("a\n".repeat(20)) && isLong("word ".repeat(300)) && !isLong("a\nb"));
});
