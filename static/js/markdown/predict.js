/**
 * Guesses about unfinished text: what to leave out until more is known, so that nothing flickers. They hold only
 * while the text grows; its end takes them all back. No DOM, no I/O.
 */

import { startTable } from "./block-starts.js";
import { defines } from "./references.js";
import { cells, COLUMN_LIMIT } from "./tables.js";

/** @import {Block} from "./block.js" */
/** @import {BlockParser} from "./blocks.js" */

/** Lines that may still become a rule, an underline, a list item, a heading, a fence or a row of dashes. */
const UNDECIDED = /^[\s>]*(?:[-+*_=:|~#][-+*_=:|~#>\s]*|`{1,2}|\${1,2}|\\\[?|\d{1,9}(?:[.)]\s*)?)?$/;
const OPENING_FENCE = /^(?:[\s>*+-]|\d{1,9}[.)]\s)*(?:`{3,}|~{3,})[^`]*$/;
const CLOSING_FENCE = /^[\s>]*(?:`+|~+)\s*$/;
/** Marks at the end of a text, of which the next character decides what they are. */
const LOOSE_END = /(?:[*_~`$]*!?\[\^[^\]\s[]{0,30}\]?|[*_~`$]+|!|\\|&#?[a-z0-9]{0,8}|<(?:h|ht|htt|https?(?::[^\s<>]*)?)?)$/i;

/** Longer lines are not taken for the head of a table before they are. */
const HEAD_LIMIT = 2_000;

/**
 * Whether an unfinished line is not shown at all yet.
 * @param {string} line
 * @param {Block} tip
 */
export function isUndecided(line, tip) {
  if (tip.type === "code" && tip.code?.fence) return CLOSING_FENCE.test(line);
  return UNDECIDED.test(line) || OPENING_FENCE.test(line);
}

/**
 * @param {string} text
 * @param {number} from what stands before this stays
 * @returns {string} the text without marks at its end whose meaning the next characters decide
 */
export function withoutLooseEnd(text, from) {
  const loose = LOOSE_END.exec(text.slice(Math.max(from, text.length - 60)))?.[0] ?? "";
  const end = text.length - loose.length;
  let escapes = 0;
  while (text[end - 1 - escapes] === "\\") escapes += 1;
  if (!loose || escapes % 2 === 1) return text;
  return text.slice(0, end).trimEnd();
}

/**
 * Shows an unfinished paragraph as what it is about to become: nothing, when it defines a link; a table, when its
 * last line looks like the head of one. To be taken back before the next text.
 * @param {BlockParser} parser
 */
export function guessBlock(parser) {
  const paragraph = parser.tip;
  if (paragraph.type !== "paragraph" || !paragraph.open) return;
  if (defines(paragraph)) {
    parser.remove(paragraph);
    return;
  }
  const { lastLine } = paragraph;
  // The length first: looking into a text that grows would copy it.
  if (!lastLine?.plain || lastLine.text.length > HEAD_LIMIT || !lastLine.text.startsWith("|")) return;
  const head = cells(lastLine.text);
  if (head.length === 0 || head.length > COLUMN_LIMIT) return;
  startTable(parser, paragraph, head, head.map(() => undefined));
}
