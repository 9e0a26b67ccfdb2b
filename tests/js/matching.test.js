import assert from "node:assert/strict";
import test from "node:test";

import { match, pieces } from "../../static/js/matching.js";

/**
 * @param {string} query
 * @param {string} text
 * @returns {string | null} the text with what was found in brackets
 */
function marked(query, text) {
  const found = match(query, text);
  return found && pieces(text, found.ranges).map((piece) => (piece.found ? `[${piece.text}]` : piece.text)).join("");
}

/**
 * @param {string} query
 * @param {string} text
 */
const score = (query, text) => match(query, text)?.score ?? -1;

test("what was found is marked, whatever its case and accents", () => {
  assert.equal(marked("cafe", "Un Café noir"), "Un [Café] noir");
  assert.equal(marked("strasse", "Straße"), null, "ß is a letter of its own");
  assert.equal(marked("ЁЛКА", "новая ёлка"), "новая [ёлка]");
  assert.equal(marked("ｋ８", "K8s"), "[K8]s");
});

test("scripts without spaces and letters beyond the first plane", () => {
  assert.equal(marked("東京", "明日は東京へ"), "明日は[東京]へ");
  assert.equal(marked("𝒜b", "x 𝒜b y"), "x [𝒜b] y");
  assert.equal(marked("हिन्दी", "मेरी हिन्दी कक्षा"), "मेरी [हिन्दी] कक्षा");
  assert.equal(marked("한국", "나는 한국어를"), "나는 [한국]어를");
  assert.equal(marked("שלום", "אמר שלום לכולם"), "אמר [שלום] לכולם");
});

test("all words have to be there, in any order", () => {
  assert.equal(marked("list hide", "Hide the list"), "[Hide] the [list]");
  assert.equal(marked("hide moon", "Hide the list"), null);
});

test("first letters of words, but not letters from anywhere", () => {
  assert.equal(marked("nc", "New conversation"), "[N]ew [c]onversation");
  assert.equal(marked("neco", "New conversation"), "[Ne]w [co]nversation");
  assert.equal(marked("ws", "New conversation"), null);
  assert.equal(marked("x", "New conversation"), null);
});

test("the better it fits, the higher it stands", () => {
  const order = ["plan", "plan B", "my plan", "airplane"];
  const scores = order.map((text) => score("plan", text));
  assert.deepEqual(scores.toSorted((a, b) => b - a), scores);
  assert.equal(new Set(scores).size, 4);
  assert.ok(score("pb", "plan B") < score("plan", "airplane"));
});

test("an empty query fits everything and marks nothing", () => {
  assert.deepEqual(match("  ", "anything"), { score: 0, ranges: [] });
  assert.deepEqual(pieces("", []), []);
});

test("a long text is searched at once", () => {
  const begun = performance.now();
  for (let i = 0; i < 200; i += 1) match("needle in hay", `${"hay ".repeat(50)}${i}`);
  assert.ok(performance.now() - begun < 2_000);
});
