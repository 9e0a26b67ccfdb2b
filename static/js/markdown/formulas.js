/** Formulas in a leaf's text: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`. No DOM, no I/O. */

import { REACH } from "./emphasis.js";
import { linkTail } from "./links.js";

/**
 * A formula that stands by itself begins with a line of at most this length: how such a line is read, only its end
 * says. In characters.
 */
const LINE_LIMIT = 2_000;

/**
 * Whether a formula that stands by itself may begin with this line.
 * @param {string} line
 */
export function mayBeginFormula(line) {
  return line.length <= LINE_LIMIT && (line.startsWith("$$") || line.startsWith("\\["));
}

/**
 * @typedef {object} Formula
 * @property {number} end the index after it
 * @property {string} text TeX
 * @property {boolean} display
 */

/** A formula between single dollars is no longer than this; prices are further apart. In characters. */
const DOLLAR_REACH = 1_000;
/** A formula that has not ended is shown as one while it is short, and looks like one. In characters. */
const GUESS_LIMIT = 300;

/** What an unfinished formula has in it that prose has not. */
const TEX = /[\\^_{}=+<>|]/;

/** The formulas of one text, looked for from its start to its end. */
export class Formulas {
  #text;
  /** Whether more text may make a formula of what was looked at last. */
  open = false;
  /** Up to where there is no closing mark, by its last character. @type {Record<string, number>} */
  #free = {};

  /** @param {string} text */
  constructor(text) {
    this.#text = text;
  }

  /**
   * The formula that begins at a dollar or a backslash.
   * @param {number} at
   * @returns {Formula | null}
   */
  at(at) {
    const text = this.#text;
    this.open = false;
    if (text[at] === "\\") return this.#bracketed(at, text[at + 1] === "(" ? ")" : "]");
    return text[at + 1] === "$" ? this.#bracketed(at, "$") : this.#dollar(at);
  }

  /**
   * @param {number} at
   * @param {string} last the closing mark's last character
   * @returns {Formula | null}
   */
  #bracketed(at, last) {
    const text = this.#text;
    const stop = Math.min(text.length, at + REACH);
    const mark = last === "$" ? "$$" : `\\${last}`;
    let place = Math.max(at + 2, this.#free[last] ?? 0);
    while (place < stop && !text.startsWith(mark, place)) place += text[place] === "\\" ? 2 : 1;
    this.#free[last] = place;
    if (place >= stop) {
      this.open = text.length - at <= REACH;
      return null;
    }
    const inside = text.slice(at + 2, place);
    // Without a letter or a number these are escaped brackets.
    return /[\p{L}\p{N}]/u.test(inside) ? { end: place + 2, text: inside.trim(), display: last !== ")" } : null;
  }

  /**
   * @param {number} at
   * @returns {Formula | null}
   */
  #dollar(at) {
    const text = this.#text;
    if (/[a-z0-9]/i.test(text.charAt(at - 1)) || /\s/.test(text.charAt(at + 1))) return null;
    const stop = Math.min(text.length, at + DOLLAR_REACH);
    let close = at + 1;
    while (close < stop && text[close] !== "$" && text[close] !== "`") close += text[close] === "\\" ? 2 : 1;
    if (close >= stop) {
      this.open = text.length - at <= DOLLAR_REACH;
      return null;
    }
    const inside = text.slice(at + 1, close);
    const closes = text[close] === "$" && !/\s$/.test(inside) && !/[\d$]/.test(text.charAt(close + 1));
    return closes && !this.#inAddress(at, close) ? { end: close + 1, text: inside, display: false } : null;
  }

  /**
   * Whether a dollar belongs to an address that begins behind another one.
   * @param {number} from
   * @param {number} dollar
   */
  #inAddress(from, dollar) {
    const text = this.#text;
    if (/:\/\/\S*$/.test(text.slice(from, dollar))) return true;
    const link = text.lastIndexOf("](", dollar);
    return link > from && linkTail(text, link + 1).end > dollar;
  }

  /**
   * Whether the rest of the text, from an open mark on, is about to become a formula.
   * @param {number} at
   */
  isLikely(at) {
    const text = this.#text;
    if (text.length - at > GUESS_LIMIT) return false;
    const double = text[at] === "\\" || text[at + 1] === "$";
    const inside = text.slice(at + (double ? 2 : 1));
    return double ? inside.trim() !== "" : TEX.test(inside) || /^[a-z]{1,3}$/i.test(inside);
  }
}
