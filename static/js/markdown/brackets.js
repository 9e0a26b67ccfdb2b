/** Brackets in a leaf's text: which of them make links and pictures. No DOM, no I/O. */

import { REACH } from "./emphasis.js";
import { label, linkTail, MORE } from "./links.js";

/** @import {Runs} from "./emphasis.js" */
/** @import {LinkTarget, OpenToken, RunToken, Token} from "./inline-tokens.js" */
/** @import {InlineOptions} from "./inlines.js" */

/**
 * An opening bracket that waits for its closing one.
 * @typedef {{token: OpenToken, index: number, bottom: RunToken | null, active: boolean, bracketInside: boolean}} Bracket
 */
/**
 * @typedef {object} Reading of one text
 * @property {string} text
 * @property {Token[]} tokens
 * @property {Runs} runs
 * @property {InlineOptions} options
 */

/** @type {LinkTarget} */
export const PENDING = { href: "", title: "", pending: true };

/** The brackets of one text. */
export class Brackets {
  /** Those that wait, the innermost last. @type {Bracket[]} */
  open = [];
  #reading;

  /** @param {Reading} reading */
  constructor(reading) {
    this.#reading = reading;
  }

  /**
   * @param {number} at
   * @param {boolean} image
   */
  begin(at, image) {
    const { tokens, runs } = this.#reading;
    /** @type {OpenToken} */
    const token = { type: "open", start: at, image, target: null, close: Infinity };
    const above = this.open.at(-1);
    if (above) above.bracketInside = true;
    this.open.push({ token, index: tokens.length, bottom: runs.last, active: true, bracketInside: false });
    tokens.push(token);
  }

  /**
   * Closes the innermost bracket.
   * @param {number} at where its closing one is
   * @param {boolean} young whether a guess about it is allowed
   * @returns {{end: number, live: number}} where the link ends, or -1 when it is none; from where on more text may change it
   */
  close(at, young) {
    const { text, options } = this.#reading;
    const bracket = this.open.pop();
    if (!bracket?.active || at - bracket.token.start > REACH) return { end: -1, live: Infinity };
    const found = this.#target(bracket, at);
    const live = found.more ? bracket.token.start : Infinity;
    if (found.target) return { end: this.#join(bracket, found.target, at, found.end), live };
    const guess = found.more && options.predict && young;
    return { end: guess ? this.#join(bracket, PENDING, at, text.length) : -1, live };
  }

  /**
   * What a closing bracket makes of its opening one.
   * @param {Bracket} bracket
   * @param {number} at
   * @returns {{target?: LinkTarget | undefined, end: number, more: boolean}} `more` when it depends on text to come
   */
  #target({ token, bracketInside }, at) {
    const { text, options } = this.#reading;
    let more = false;
    if (text[at + 1] === "(") {
      const tail = linkTail(text, at + 1);
      if (tail.end >= 0) return { target: tail, end: tail.end, more };
      more = tail.end === MORE;
    }
    const second = label(text, at + 1);
    more ||= second.end === MORE;
    const collapsed = text.startsWith("[]", at + 1);
    const own = bracketInside ? "" : text.slice(token.start + (token.image ? 2 : 1), at);
    const name = second.end >= 0 ? second.value : own;
    const end = second.end >= 0 ? second.end : at + (collapsed ? 3 : 1);
    return { target: name.length > 999 ? undefined : options.find(name), end, more };
  }

  /**
   * @param {Bracket} bracket
   * @param {LinkTarget} target
   * @param {number} at
   * @param {number} end
   * @returns {number} `end`
   */
  #join({ token, bottom }, target, at, end) {
    const { tokens, runs } = this.#reading;
    token.target = target;
    token.close = tokens.length;
    tokens.push({ type: "close", start: at });
    runs.match(bottom);
    runs.dropAfter(bottom);
    if (!token.image) this.#deactivate();
    return end;
  }

  /** A link cannot hold another one. Below one that knows, all know. */
  #deactivate() {
    for (let at = this.open.length - 1; at >= 0; at -= 1) {
      const above = this.open[at];
      if (!above || above.token.image) continue;
      if (!above.active) break;
      above.active = false;
    }
  }
}
