/** Colours finished code blocks, in idle time. Until then, and whenever anything is in the way, code is plain. */

import { whenIdle } from "../idle.js";
import { colourerFor } from "./grammars.js";
import { cutAt } from "./pieces.js";

/** @import {Colourer} from "./grammars.js" */
/** @import {Piece} from "./pieces.js" */

/** Longer code stays plain: its colours would be more than all else in the page. In characters. */
const LIMIT = 100_000;
/** So many pieces are put into the page at once: their style and layout belong to one frame, which shows an answer besides. */
const AT_ONCE = 100;

/**
 * Colours a block when there is time.
 * @param {Element} code holds the block's text in parts of some lines each
 * @param {string} language as the block names it
 */
export async function colourCode(code, language) {
  const text = code.textContent ?? "";
  const loading = text.length <= LIMIT ? colourerFor(language) : null;
  if (!loading) return;
  try {
    colourLater(code, text, await loading);
  } catch {
    // Without the network it stays plain.
  }
}

/**
 * @param {Element} code
 * @param {string} text
 * @param {Colourer} colourer
 */
function colourLater(code, text, colourer) {
  /** @type {Piece[]} */
  const pieces = [];
  /** @type {Piece[][] | null} */
  let parts = null;
  let read = 0;
  let at = 0;
  whenIdle(() => {
    if (!code.isConnected || code.textContent !== text) return true;
    if (holdsSelection(code)) {
      whenSelectionLeft(code, () => colourLater(code, text, colourer));
      return true;
    }
    if (read < text.length) {
      const part = colourer(text, read);
      pieces.push(...part.pieces);
      read = part.end;
      return false;
    }
    parts ??= cutAt(pieces, Array.from(code.children, (part) => part.textContent?.length ?? 0)) ?? [];
    const part = code.children[at];
    const left = part ? colourSome(part, parts[at] ?? []) : [];
    if (left.length) parts[at] = left;
    else at += 1;
    return at >= parts.length || null;
  });
}

/**
 * Colours the next pieces of a part, whose last node is what is still plain.
 * @param {Element} part
 * @param {Piece[]} pieces from the plain text's beginning on
 * @returns {Piece[]} those that are left
 */
function colourSome(part, pieces) {
  const some = pieces.slice(0, AT_ONCE);
  const left = pieces.slice(AT_ONCE);
  const plain = part.lastChild;
  if (left.length && plain instanceof Text) {
    plain.deleteData(0, some.reduce((length, { text }) => length + text.length, 0));
    plain.before(...some.map(shown));
  } else if (plain) plain.replaceWith(...some.map(shown));
  return left;
}

/**
 * @param {Piece} piece
 * @returns {Node}
 */
function shown({ text, kind }) {
  if (!kind) return document.createTextNode(text);
  const span = document.createElement("span");
  span.className = kind;
  span.textContent = text;
  return span;
}

/**
 * Whether something is selected in an element, which new nodes would lose.
 * @param {Element} element
 */
function holdsSelection(element) {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return false;
  return selection.getRangeAt(0).intersectsNode(element);
}

/**
 * @param {Element} element
 * @param {() => void} then
 */
function whenSelectionLeft(element, then) {
  const look = () => {
    if (element.isConnected && holdsSelection(element)) return;
    document.removeEventListener("selectionchange", look);
    then();
  };
  document.addEventListener("selectionchange", look);
}
