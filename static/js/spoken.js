/** Markdown as it is heard: which sentences of a growing answer are complete, and how they sound without marks. Pure. */

import { say } from "./say.js";

const FENCE = /^\s{0,3}(?:`{3,}|~{3,})/;
/** Lines that are only drawn: rules, and the line below a table's head. */
const DRAWN = /^\s*(?:(?:[-*_]\s*){3,}|=+|\|?\s*:?-+:?\s*(?:\|\s*:?-*:?\s*)*)$/;
/** A sentence's end: a mark and what closes with it, before a space; East Asian marks need none. */
const SENTENCE_END = /[.!?…]["'”’»)\]*_]*\s+|[。！？]["'”’」』)]*/g;

/**
 * What of a growing text can be said next.
 * @param {string} text Markdown
 * @param {{at: number, code: boolean}} from where the last time ended, and whether that is inside of code
 * @param {boolean} ended whether the text is complete, so that its last words need no full stop
 * @returns {{say: string, at: number, code: boolean}} the sentences, and where the next time begins
 */
export function sentencesFrom(text, { at, code }, ended) {
  /** @type {string[]} */
  const said = [];
  let place = at;
  let inCode = code;
  for (;;) {
    const end = text.indexOf("\n", place);
    if (end < 0) break;
    const line = text.slice(place, end);
    place = end + 1;
    if (FENCE.test(line)) {
      inCode = !inCode;
      if (inCode) said.push(say("Code."));
    } else if (!inCode) said.push(withoutMarks(line));
  }
  const rest = text.slice(place);
  const whole = inCode || FENCE.test(rest) ? 0 : ended ? rest.length : lastSentenceEnd(rest);
  if (whole) said.push(withoutMarks(rest.slice(0, whole)));
  return { say: said.filter((words) => words !== "").join(" "), at: place + whole, code: inCode };
}

/**
 * @param {string} text
 * @returns {number} 0 when no sentence ends in it
 */
function lastSentenceEnd(text) {
  let end = 0;
  for (const found of text.matchAll(SENTENCE_END)) end = found.index + found[0].length;
  return end;
}

/**
 * One line without its Markdown.
 * @param {string} line
 * @returns {string} "" for lines that are only drawn
 */
export function withoutMarks(line) {
  if (DRAWN.test(line)) return "";
  return line
    .replace(/^(?:\s*(?:>|[-*+](?=\s)|#{1,6}(?=\s)))+\s*/, "")
    .replace(/^\[([ xX])\]\s/, (_, mark) => (mark === " " ? `${say("Not done:")} ` : `${say("Done:")} `))
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^\s*\||\|\s*$/g, "")
    .replace(/\s*\|\s*/g, ", ")
    .replace(/`+|\*\*|__|~~/g, "")
    .replace(/(^|[^\p{L}\p{N}*])\*(?=\S)|(\S)\*(?=[^\p{L}\p{N}*]|$)/gu, "$1$2")
    .replace(/(^|[^\p{L}\p{N}_])_(?=\S)|(\S)_(?=[^\p{L}\p{N}_]|$)/gu, "$1$2")
    .trim();
}

/**
 * A text in pieces for a voice: whole sentences as far as they fit. Some voices fall silent in the middle of long ones.
 * @param {string} text plain
 * @param {number} [most] characters in a piece
 * @returns {string[]}
 */
export function pieces(text, most = 220) {
  const sentences = text.split(/(?<=[.!?…]["'”’»)]*)\s+|(?<=[。！？])|\n+/).map((sentence) => sentence.trim());
  return sentences.filter((sentence) => sentence !== "").flatMap((sentence) => broken(sentence, most));
}

/**
 * @param {string} sentence
 * @param {number} most
 * @returns {string[]} cut at spaces, where there are any
 */
function broken(sentence, most) {
  /** @type {string[]} */
  const out = [];
  let rest = sentence;
  while (rest.length > most) {
    const space = rest.lastIndexOf(" ", most);
    const end = space > 0 ? space : most;
    out.push(rest.slice(0, end));
    rest = rest.slice(end).trim();
  }
  return rest ? [...out, rest] : out;
}
