/** A text in which the words that were searched for are marked. */

import { html } from "../../vendor/lit.js";
import { pieces } from "../matching.js";
import { placesOf } from "../words.js";

/**
 * @param {string} text
 * @param {readonly string[]} words from `wordsOf`
 * @returns {unknown} for a template
 */
export function foundWords(text, words) {
  if (!words.length) return text;
  return pieces(text, placesOf(text, words)).map((piece) => (piece.found ? html`<mark>${piece.text}</mark>` : piece.text));
}
