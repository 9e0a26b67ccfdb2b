/** Words that are searched for, and where they stand in a text: without regard to case or form, in any script. Pure. */

/** @import {Range} from "./matching.js" */

const PLAIN = /^[\x20-\x7e]*$/;

/**
 * A text as it is compared, as the server does it: without case, ligatures and the dots of Turkish i. Up and down again,
 * because that is what takes a sharp s for two; letter by letter, because a sigma has another form at a word's end.
 * @param {string} text
 * @returns {string}
 */
function folded(text) {
  if (PLAIN.test(text)) return text.toLowerCase();
  const letters = [...text.normalize("NFKC")].map((letter) => letter.toUpperCase().toLowerCase());
  return letters.join("").normalize("NFKC").replaceAll("i\u0307", "i");
}

/**
 * The words of a query, each once, as they are compared. Words between quotation marks are one, with blanks.
 * @param {string} query
 * @returns {string[]}
 */
export function wordsOf(query) {
  const words = Array.from(query.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, plain]) => folded(quoted ?? plain ?? ""));
  return [...new Set(words.map((word) => word.trim().replace(/\s+/g, " ")).filter(Boolean))];
}

/**
 * @param {string} text
 * @param {readonly string[]} words from `wordsOf`
 * @returns {boolean}
 */
export function holdsAll(text, words) {
  const whole = folded(text);
  return words.every((word) => whole.includes(word));
}

/**
 * Where the words stand in a text.
 * @param {string} text
 * @param {readonly string[]} words from `wordsOf`
 * @returns {Range[]} in order, none touching another
 */
export function placesOf(text, words) {
  if (!words.length) return [];
  const { whole, from } = withPlaces(text);
  /** @type {[number, number][]} */
  const places = [];
  for (const word of words) {
    for (let at = whole.indexOf(word); at >= 0; at = whole.indexOf(word, at + word.length)) {
      // A word may end inside of what one letter became: the whole letter is marked.
      places.push([from[at] ?? 0, letterEnd(text, from[at + word.length - 1] ?? 0)]);
    }
  }
  return apart(places.sort(([a], [b]) => a - b));
}

/** So many characters of a narrow line may stand before the first of the words. */
const BEFORE = 14;

/**
 * The text from shortly before the first of the words, so that a narrow line shows it.
 * @param {string} text
 * @param {readonly string[]} words from `wordsOf`
 * @returns {string}
 */
export function fromShortlyBefore(text, words) {
  const place = placesOf(text, words)[0]?.[0] ?? 0;
  if (place <= BEFORE) return text;
  const blank = text.indexOf(" ", place - BEFORE);
  return `…${text.slice(blank >= 0 && blank < place ? blank + 1 : place)}`;
}

/**
 * The text as it is compared, and for each unit of it where in the text it comes from.
 * @param {string} text
 * @returns {{whole: string, from: number[]}}
 */
function withPlaces(text) {
  /** @type {number[]} */
  const from = [];
  if (PLAIN.test(text)) {
    for (let at = 0; at < text.length; at += 1) from.push(at);
    return { whole: text.toLowerCase(), from };
  }
  let whole = "";
  let at = 0;
  // A letter and its marks are one: folded alone, `e` and a combining accent would never become `é`.
  for (const [cluster] of text.matchAll(/\P{M}\p{M}*|\p{M}+/gsu)) {
    const short = folded(cluster); // never joined with its neighbours, so that each place is known
    for (let unit = 0; unit < short.length; unit += 1) from.push(at);
    whole += short;
    at += cluster.length;
  }
  return { whole, from };
}

/**
 * @param {string} text
 * @param {number} start where a letter begins
 * @returns {number} where it ends, with its marks
 */
function letterEnd(text, start) {
  const letter = /\P{M}\p{M}*|\p{M}+/suy;
  letter.lastIndex = start;
  return letter.test(text) ? letter.lastIndex : start + 1;
}

/**
 * @param {readonly [number, number][]} places in order
 * @returns {Range[]} those that touch made one
 */
function apart(places) {
  /** @type {[number, number][]} */
  const all = [];
  for (const [start, end] of places) {
    const last = all.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else all.push([start, end]);
  }
  return all;
}
