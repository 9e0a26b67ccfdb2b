/** Finding words: as the server does it, in any script, and never with a pattern. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { pieces } from "../../static/js/matching.js";
import { fromShortlyBefore, holdsAll, placesOf, wordsOf } from "../../static/js/words.js";

/**
 * @param {string} query
 * @param {string} text
 * @returns {string} the text with what was found in brackets
 */
function marked(query, text) {
  const all = pieces(text, placesOf(text, wordsOf(query)));
  assert.equal(all.map((piece) => piece.text).join(""), text, "nothing is lost or added");
  return all.map((piece) => (piece.found ? `[${piece.text}]` : piece.text)).join("");
}

test("several words, in any case, wherever they stand", () => {
  assert.equal(marked("sky BLUE", "Why is the Sky blue? Skyblue!"), "Why is the [Sky] [blue]? [Skyblue]!");
  assert.equal(marked("  ", "nothing"), "nothing");
  assert.equal(marked('"blue sky" so', "so blue sky, sky blue"), "[so] [blue sky], sky blue");
  assert.equal(marked("aa", "aaa"), "[aa]a");
  assert.equal(marked("ab bc", "abc"), "[abc]");
});

test("signs are signs", () => {
  assert.equal(marked(".* (a|b) \\ [", "x.*y (a|b) \\ ["), "x[.*]y [(a|b)] [\\] [[]");
  assert.equal(marked("<b>", "a <b>bold</b>"), "a [<b>]bold</b>");
});

test("letters of all scripts", () => {
  assert.equal(marked("STRASSE", "Große Straße 5"), "Große [Straße] 5");
  assert.equal(marked("straße", "STRASSE"), "[STRASSE]");
  assert.equal(marked("istanbul", "İstanbul ve Isparta"), "[İstanbul] ve Isparta");
  assert.equal(marked("οδος", "Η ΟΔΟΣ και η οδός"), "Η [ΟΔΟΣ] και η οδός");
  assert.equal(marked("日本", "新しい日本語"), "新しい[日本]語");
  assert.equal(marked("ﬁ", "a fish"), "a [fi]sh");
  assert.equal(marked("fish", "a ﬁsh"), "a [ﬁsh]");
  assert.equal(marked("שלום", "שלום עולם"), "[שלום] עולם");
  assert.equal(marked("😀", "so 😀😀!"), "so [😀😀]!");
});

test("a letter and its mark are one, however they are written", () => {
  assert.equal(marked("café", "the cafe\u0301 here"), "the [cafe\u0301] here");
  assert.equal(marked("cafe\u0301", "the café here"), "the [café] here");
});

test("a title holds all words or is not found", () => {
  assert.ok(holdsAll("Why is the sky blue?", wordsOf("blue sky")));
  assert.ok(!holdsAll("Why is the sky blue?", wordsOf("blue sea")));
  assert.ok(holdsAll("Fußball", wordsOf("FUSSBALL")));
});

test("a narrow line begins shortly before the first of the words", () => {
  const cut = (/** @type {string} */ query, /** @type {string} */ text) => fromShortlyBefore(text, wordsOf(query));
  assert.equal(cut("lemon", "A lemon tree"), "A lemon tree");
  assert.equal(cut("lemon", "It is the phone book of the internet, and a lemon of a metaphor."), "…and a lemon of a metaphor.");
  assert.equal(cut("x", "abcdefghijklmnopqrstuvwxyz"), "…xyz");
  assert.equal(cut("nothing", "It is not in here at all"), "It is not in here at all");
});
