/** What a screen reader and a voice are given of an answer. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { announce, NOTHING_HEARD } from "../../static/js/elements/announcements.js";
import { pieces, sentencesFrom, withoutMarks } from "../../static/js/spoken.js";
import { answer } from "./objects.js";

/** @import {Device} from "../../static/js/device.js" */
/** @import {Answer} from "../../static/js/objects.js" */

const START = { at: 0, code: false };

test("a line is heard without its marks", () => {
  const heard = [
    ["## A *fine* **title**", "A fine title"], ["- [x] milk", "Done: milk"], ["- [ ] tea", "Not done: tea"], ["> quoted `code`", "quoted code"],
    ["| a | b |", "a, b"], ["|---|:-:|", ""], ["***", ""], ["See [the page](https://x.test/a_b) now", "See the page now"],
    ["snake_case_name stays, 2 * 3 * 4 too", "snake_case_name stays, 2 * 3 * 4 too"], ["_all_ of ~~it~~", "all of it"], ["1. first", "1. first"],
  ];
  for (const [line = "", words] of heard) assert.equal(withoutMarks(line), words, line);
});

test("only complete sentences are said, each once, however the text is cut", () => {
  const text = "One is here. Two follows!\nA line\n\n```js\nlet a = 1. \n```\nAfter it. And the last";
  for (let cut = 0; cut <= text.length; cut += 1) {
    const first = sentencesFrom(text.slice(0, cut), START, false);
    const second = sentencesFrom(text, first, true);
    assert.equal([first.say, second.say].filter(Boolean).join(" "), "One is here. Two follows! A line Code. After it. And the last", String(cut));
    assert.equal(second.at, text.length);
  }
  assert.equal(sentencesFrom("Not yet 3.14", START, false).say, "");
  assert.equal(sentencesFrom("これは文です。次", START, false).say, "これは文です。");
});

test("a voice gets whole sentences, and none too long for it", () => {
  assert.deepEqual(pieces("One. Two!\n\nThree"), ["One.", "Two!", "Three"]);
  const long = pieces("word ".repeat(200), 50);
  assert.ok(long.every((piece) => piece.length <= 50));
  assert.equal(long.join(" "), "word ".repeat(200).trim());
  assert.deepEqual(pieces("x".repeat(120), 50).map((piece) => piece.length), [50, 50, 20]);
});

/**
 * What is said while an answer takes these forms, a second apart.
 * @param {Device["spoken"]} spoken
 * @param {readonly Answer[]} forms
 */
function said(spoken, forms) {
  let heard = NOTHING_HEARD;
  return forms.map((form, at) => {
    const next = announce(heard, { view: "c1", answer: form, spoken }, at * 1_000);
    heard = next.heard;
    return next.say;
  });
}

const GROWING = [
  answer(), answer({ text: "One. " }), answer({ text: "One. Two. " }), answer({ text: "One. Two. Three. Fo" }),
  answer({ text: "One. Two. Three. Four", status: "done" }),
];

test("the end of an answer is said, or every sentence of it at a listener's pace, or nothing", () => {
  assert.deepEqual(said("ends", GROWING), ["Answering…", "", "", "", "Finished, 4 words."]);
  assert.deepEqual(said("sentences", GROWING), ["Answering…", "One.", "", "Two. Three.", "Four Finished, 4 words."]);
  assert.deepEqual(said("quiet", GROWING), ["", "", "", "", ""]);
});

test("what failed is always said, and an answer that was on the page before is not", () => {
  const error = { code: "x", message: "No." };
  assert.deepEqual(said("quiet", [answer(), answer({ status: "failed", error })]), ["", "The answer failed: No."]);
  assert.deepEqual(said("sentences", [answer({ status: "done", text: "Old. " })]), [""]);
  const late = [answer({ text: "Missed. Half" }), answer({ text: "Missed. Half a sentence. " })];
  assert.deepEqual(said("sentences", late), ["Answering…", "a sentence."], "from where the listener came in");
});
