/** Finding by a few letters: how well a query fits a text of any script, and which of its letters it found. Pure. */

/** @typedef {readonly [from: number, to: number]} Range offsets into the text, in UTF-16 units */
/** @typedef {{score: number, ranges: Range[]}} Match */
/** @typedef {{score: number, at: number[]}} Fit `at`: which letters were found */
/** @typedef {{letters: readonly string[], from: readonly number[], to: readonly number[]}} Folded letters that compare, and where each stands */

const WHOLE = 120;
const START = 100;
const WORD = 80;
const INSIDE = 50;
const SCATTERED = 20;

/**
 * Letters without case, width and the accents of Latin, Greek and Cyrillic. Marks that are vowels elsewhere stay.
 * @param {string} text
 * @returns {Folded}
 */
export function fold(text) {
  const letters = [];
  const from = [];
  const to = [];
  let at = 0;
  for (const character of text) {
    const plain = character < "\u0080";
    for (const letter of plain ? character.toLowerCase() : character.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase()) {
      letters.push(letter);
      from.push(at);
      to.push(at + character.length);
    }
    at += character.length;
  }
  return { letters, from, to };
}

/**
 * How well all words of a query fit a text, in any order.
 * @param {string} query
 * @param {string} text
 * @returns {Match | null} null when one of them does not; an empty query fits everything alike
 */
export function match(query, text) {
  const folded = fold(text);
  const fit = fitOf(termsOf(query), folded.letters);
  return fit && { score: fit.score, ranges: rangesOf(fit.at, folded) };
}

/**
 * @param {string} query
 * @returns {(readonly string[])[]} the letters of each of its words
 */
export function termsOf(query) {
  return query.split(/\s+/u).filter(Boolean).map((word) => fold(word).letters);
}

/**
 * What `match` looks at, for texts that are folded once and looked through with every key.
 * @param {readonly (readonly string[])[]} terms
 * @param {readonly string[]} letters
 * @returns {Fit | null}
 */
export function fitOf(terms, letters) {
  /** @type {number[]} */
  const at = [];
  let score = 0;
  for (const term of terms) {
    const fit = together(term, letters) ?? scattered(term, letters);
    if (!fit) return null;
    score += fit.score;
    at.push(...fit.at);
  }
  return { score, at };
}

/**
 * @param {readonly string[]} term
 * @param {readonly string[]} letters
 * @returns {Fit | null} the best place where the term stands as it is
 */
function together(term, letters) {
  /** @type {Fit | null} */
  let best = null;
  const first = term[0] ?? "";
  for (let start = letters.indexOf(first); start >= 0 && start + term.length <= letters.length; start = letters.indexOf(first, start + 1)) {
    if (!term.every((letter, at) => letters[start + at] === letter)) continue;
    const whole = start === 0 && term.length === letters.length;
    const score = whole ? WHOLE : start === 0 ? START : beginsWord(letters, start) ? WORD : INSIDE;
    if (!best || score > best.score) best = { score, at: term.map((_, at) => start + at) };
  }
  return best;
}

/**
 * The term's letters in their order with others between them, as in “nc” for “New conversation”. Each begins a word or follows the one
 * before it, or else almost everything would be found.
 * @param {readonly string[]} term
 * @param {readonly string[]} letters
 * @returns {Fit | null}
 */
function scattered(term, letters) {
  /** @type {number[]} */
  const at = [];
  for (const letter of term) {
    const last = at.at(-1);
    const next = last === undefined ? -1 : last + 1;
    let place = letters.indexOf(letter, Math.max(next, 0));
    while (place >= 0 && place !== next && !beginsWord(letters, place)) place = letters.indexOf(letter, place + 1);
    if (place < 0) return null;
    at.push(place);
  }
  return term.length > 1 ? { score: SCATTERED, at } : null;
}

/**
 * @param {readonly string[]} letters
 * @param {number} at
 */
function beginsWord(letters, at) {
  return at === 0 || !/[\p{L}\p{N}\p{M}]/u.test(letters[at - 1] ?? "");
}

/**
 * @param {number[]} found places of letters
 * @param {Folded} folded
 * @returns {Range[]} in order, those that touch made one
 */
function rangesOf(found, { from, to }) {
  /** @type {[number, number][]} */
  const ranges = [];
  for (const place of found.sort((a, b) => a - b)) {
    const [start, end] = [from[place] ?? 0, to[place] ?? 0];
    const last = ranges.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else ranges.push([start, end]);
  }
  return ranges;
}

/**
 * The text in pieces, of which those that were found say so.
 * @param {string} text
 * @param {readonly Range[]} ranges
 * @returns {{text: string, found: boolean}[]}
 */
export function pieces(text, ranges) {
  const all = [];
  let at = 0;
  for (const [from, to] of ranges) {
    if (from > at) all.push({ text: text.slice(at, from), found: false });
    all.push({ text: text.slice(from, to), found: true });
    at = to;
  }
  if (at < text.length) all.push({ text: text.slice(at), found: false });
  return all;
}
