/**
 * The text of a leaf → tokens: the inline phase of CommonMark 0.31 with GFM strikethrough and extended autolinks.
 * Raw HTML is text. No DOM, no I/O.
 */

import { addressAt, mailAddressAt, webAddressAt } from "./autolinks.js";
import { flanking, REACH, Runs } from "./emphasis.js";
import { Backticks, openEnd } from "./ends.js";
import { decoded, label, linkTail, MORE } from "./links.js";
import { element, textNode } from "./nodes.js";

/** @import {Autolinks} from "./autolinks.js" */
/** @import {LinkTarget, OpenToken, RunToken, Token} from "./inline-tokens.js" */

/**
 * @typedef {object} InlineOptions
 * @property {(label: string) => {href: string, title: string} | undefined} find a link reference definition
 * @property {Autolinks} autolinks
 * @property {boolean} predict whether more text is to come, and unfinished syntax shows as what it is about to become
 */
/**
 * @typedef {object} Tokens
 * @property {Token[]} tokens
 * @property {number} live from this place on, more text may change what was read
 */
/**
 * An opening bracket that waits for its closing one.
 * @typedef {{token: OpenToken, index: number, bottom: RunToken | null, active: boolean, bracketInside: boolean}} Bracket
 */

const PLAIN = { none: /[^\\`*_~[\]!<&\n]+/y, http: /[^\\`*_~[\]!<&\n:]+/y, gfm: /[^\\`*_~[\]!<&\n:w@]+/y };
const ESCAPABLE = /[!-/:-@[-`{-~]/;
const REFERENCE = /&(?:#x[a-f0-9]{1,6}|#[0-9]{1,7}|[a-z][a-z0-9]{1,31});/iy;
const ADDRESS = /<([a-z][a-z0-9.+-]{1,31}:[^\s<>\u0000-\u001f]*)>/iy;
const MAIL = /<([a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*)>/iy;
/** @type {LinkTarget} */
const PENDING = { href: "", title: "", pending: true };
/** A guess about unfinished syntax is given up after so many characters. */
const PATIENCE = 500;

/**
 * @param {string} text without white space at its end
 * @param {number} from where to begin; what is before it is only looked back at
 * @param {InlineOptions} options
 * @returns {Tokens}
 */
export function readInlines(text, from, options) {
  const reader = new Reader(text, from, options);
  return { tokens: reader.read(), live: reader.live };
}

class Reader {
  /** @type {Token[]} */
  tokens = [];
  live = Infinity;
  #runs = new Runs();
  /** @type {Bracket[]} */
  #brackets = [];
  #backticks;
  #lastAddress = -1;

  /**
   * @param {string} text
   * @param {number} at
   * @param {InlineOptions} options
   */
  constructor(text, at, options) {
    this.text = text;
    this.at = at;
    this.options = options;
    this.plain = PLAIN[options.autolinks];
    this.#backticks = new Backticks(text);
  }

  read() {
    while (this.at < this.text.length) {
      this.plain.lastIndex = this.at;
      const run = this.plain.exec(this.text)?.[0];
      if (run) this.#literal(run.length);
      else this.#special(this.text.charAt(this.at));
    }
    this.#runs.match(null);
    this.#finish();
    return this.tokens;
  }

  /** @param {string} character */
  #special(character) {
    switch (character) {
      case "\\":
        return this.#escape();
      case "`":
        return this.#code();
      case "*":
      case "_":
      case "~":
        return this.#run(character);
      case "[":
        return this.#open(false);
      case "!":
        return this.text[this.at + 1] === "[" ? this.#open(true) : this.#literal(1);
      case "]":
        return this.#close();
      case "<":
        return this.#pointed();
      case "&":
        return this.#reference();
      case "\n":
        return this.#lineEnd();
      default:
        return this.#extended(character);
    }
  }

  /**
   * Text that stands for itself.
   * @param {number} length
   */
  #literal(length) {
    const last = this.tokens.at(-1);
    const text = this.text.slice(this.at, this.at + length);
    if (last?.type === "text" && last.literal && last.start + last.text.length === this.at) last.text += text;
    else this.tokens.push({ type: "text", start: this.at, text, literal: true });
    this.at += length;
  }

  /**
   * @param {string} text
   * @param {number} length of its source
   */
  #shown(text, length) {
    this.tokens.push({ type: "text", start: this.at, text, literal: false });
    this.at += length;
  }

  #escape() {
    const next = this.text.charAt(this.at + 1);
    if (next === "\n") this.#lineBreak(2);
    else if (ESCAPABLE.test(next)) this.#shown(next, 2);
    else this.#literal(1);
  }

  /** @param {number} length */
  #lineBreak(length) {
    this.tokens.push({ type: "node", start: this.at, node: element("br") });
    this.at += length;
    this.#skipSpaces();
  }

  #lineEnd() {
    const last = this.tokens.at(-1);
    let spaces = 0;
    if (last?.type === "text" && last.literal) {
      while (last.text.charAt(last.text.length - 1 - spaces) === " ") spaces += 1;
      if (spaces > 0) last.text = last.text.slice(0, -spaces);
      if (!last.text) this.tokens.pop();
    }
    if (spaces >= 2) return this.#lineBreak(1);
    this.#shown("\n", 1);
    this.#skipSpaces();
  }

  #skipSpaces() {
    while (this.text[this.at] === " ") this.at += 1;
  }

  #code() {
    const { text, at } = this;
    let end = at;
    while (text[end] === "`") end += 1;
    const close = this.#backticks.next(end, end - at);
    if (close !== null && close - at <= REACH) return this.#codeSpan(end, close, close + end - at);
    if (close === null) this.#mayChange(at);
    if (this.options.predict && this.#isYoung(at)) return this.#codeSpan(end, text.length, text.length);
    this.#literal(end - at);
  }

  /**
   * @param {number} start
   * @param {number} end
   * @param {number} next
   */
  #codeSpan(start, end, next) {
    const content = this.text.slice(start, end).replaceAll("\n", " ");
    const padded = content.startsWith(" ") && content.endsWith(" ") && /[^ ]/.test(content);
    const node = element("code", [textNode(padded ? content.slice(1, -1) : content)]);
    if (content) this.tokens.push({ type: "node", start: this.at, node });
    this.at = next;
  }

  /** @param {string} mark */
  #run(mark) {
    const { text, at } = this;
    let end = at;
    while (text[end] === mark) end += 1;
    const length = end - at;
    const { opens, closes } = flanking(text, at, end);
    if (!(opens || closes) || (mark === "~" && length > 2)) return this.#literal(length);
    /** @type {RunToken} */
    const run = { type: "run", start: at, mark, length, left: length, opens, closes, ends: [], begins: [], before: null, after: null };
    this.tokens.push(run);
    this.#runs.push(run);
    this.at = end;
  }

  /** @param {boolean} image */
  #open(image) {
    /** @type {OpenToken} */
    const token = { type: "open", start: this.at, image, target: null, close: Infinity };
    const above = this.#brackets.at(-1);
    if (above) above.bracketInside = true;
    this.#brackets.push({ token, index: this.tokens.length, bottom: this.#runs.last, active: true, bracketInside: false });
    this.tokens.push(token);
    this.at += image ? 2 : 1;
  }

  #close() {
    const bracket = this.#brackets.pop();
    if (!bracket?.active || this.at - bracket.token.start > REACH) return this.#literal(1);
    const found = this.#target(bracket);
    if (found.more) this.live = Math.min(this.live, bracket.token.start);
    if (found.target) return this.#join(bracket, found.target, found.end);
    if (found.more && this.options.predict && this.#isYoung(bracket.token.start)) {
      return this.#join(bracket, PENDING, this.text.length);
    }
    this.#literal(1);
  }

  /**
   * What a closing bracket makes of its opening one.
   * @param {Bracket} bracket
   * @returns {{target?: LinkTarget | undefined, end: number, more: boolean}} `more` when it depends on text to come
   */
  #target({ token, bracketInside }) {
    const { text, at } = this;
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
    return { target: name.length > 999 ? undefined : this.options.find(name), end, more };
  }

  /**
   * @param {Bracket} bracket
   * @param {LinkTarget} target
   * @param {number} end
   */
  #join({ token, bottom }, target, end) {
    token.target = target;
    token.close = this.tokens.length;
    this.tokens.push({ type: "close", start: this.at });
    this.#runs.match(bottom);
    this.#runs.dropAfter(bottom);
    this.at = end;
    if (token.image) return;
    // A link cannot hold another one. Below one that knows, all know.
    for (let at = this.#brackets.length - 1; at >= 0; at -= 1) {
      const above = this.#brackets[at];
      if (!above || above.token.image) continue;
      if (!above.active) break;
      above.active = false;
    }
  }

  #pointed() {
    for (const [pattern, scheme] of /** @type {const} */ ([[ADDRESS, ""], [MAIL, "mailto:"]])) {
      pattern.lastIndex = this.at;
      const found = pattern.exec(this.text);
      if (!found) continue;
      const text = found[1] ?? "";
      this.tokens.push({ type: "address", start: this.at, href: scheme + text, text });
      this.at += found[0].length;
      return;
    }
    this.#literal(1);
  }

  #reference() {
    REFERENCE.lastIndex = this.at;
    const found = REFERENCE.exec(this.text)?.[0];
    const text = found && decoded(found);
    if (text) this.#shown(text, found.length);
    else this.#literal(1);
  }

  /** @param {string} character that may stand in an address without marks */
  #extended(character) {
    const { text, at } = this;
    const found = character === ":" ? addressAt(text, at) : character === "@" ? mailAddressAt(text, at) : webAddressAt(text, at);
    const last = this.tokens.at(-1);
    if (!found || (found.start < at && !(last?.type === "text" && last.literal && last.start <= found.start))) return this.#literal(1);
    if (found.start < at && last?.type === "text") {
      last.text = last.text.slice(0, found.start - at);
      if (!last.text) this.tokens.pop();
    }
    this.#lastAddress = found.start;
    this.tokens.push({ type: "address", start: found.start, href: found.href, text: text.slice(found.start, found.end) });
    this.at = found.end;
  }

  /** @param {number} start of a mark that waits for its counterpart */
  #mayChange(start) {
    if (this.text.length - start <= REACH) this.live = Math.min(this.live, start);
  }

  /** @param {number} start */
  #isYoung(start) {
    return this.text.length - start < PATIENCE;
  }

  /** Notes what more text may change, and guesses what it will be. */
  #finish() {
    const { predict } = this.options;
    for (const { token } of this.#brackets) {
      this.#mayChange(token.start);
      if (predict && token === this.#brackets.at(-1)?.token && this.#isYoung(token.start)) token.target = PENDING;
    }
    for (let run = this.#runs.last; run; run = run.before) {
      if (!run.opens || run.left === 0) continue;
      this.#mayChange(run.start);
      if (predict && this.#isYoung(run.start)) begin(run);
    }
    this.live = Math.min(this.live, openEnd(this.text, this.#lastAddress));
  }
}

/**
 * Lets a run open all it can, for an end that is still to come.
 * @param {RunToken} run
 */
function begin(run) {
  if (run.mark === "~") run.begins.push("s");
  else if (run.left % 2 === 1) run.begins.push("em");
  if (run.mark !== "~") for (let left = run.left; left >= 2; left -= 2) run.begins.push("strong");
  run.left = 0;
}
