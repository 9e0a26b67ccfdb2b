/**
 * The text of a leaf → tokens: the inline phase of CommonMark 0.31 with GFM strikethrough and extended autolinks.
 * Raw HTML is text. No DOM, no I/O.
 */

import { addressAt, mailAddressAt, pointedAt, webAddressAt } from "./autolinks.js";
import { Brackets, PENDING } from "./brackets.js";
import { begin, REACH, runAt, Runs } from "./emphasis.js";
import { Backticks, openEnd } from "./ends.js";
import { Formulas } from "./formulas.js";
import { decoded } from "./links.js";
import { noteReference } from "./notes.js";
import { element, textNode } from "./nodes.js";

/** @import {Autolinks} from "./autolinks.js" */
/** @import {Token} from "./inline-tokens.js" */

/**
 * @typedef {object} InlineOptions
 * @property {(label: string) => {href: string, title: string} | undefined} find a link reference definition
 * @property {(label: string, at: number) => {number: number, first: boolean} | null} note find a footnote
 * @property {Autolinks} autolinks
 * @property {boolean} predict whether more text is to come, and unfinished syntax shows as what it is about to become
 */
/**
 * @typedef {object} Tokens
 * @property {Token[]} tokens
 * @property {number} live from this place on, more text may change what was read
 */
const PLAIN = { none: /[^\\`*_~[\]!<&$\n]+/y, http: /[^\\`*_~[\]!<&$\n:]+/y, gfm: /[^\\`*_~[\]!<&$\n:w@]+/y };
const ESCAPABLE = /[!-/:-@[-`{-~]/;
const REFERENCE = /&(?:#x[a-f0-9]{1,6}|#[0-9]{1,7}|[a-z][a-z0-9]{1,31});/iy;
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
  #brackets;
  #backticks;
  #formulas;
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
    this.#formulas = new Formulas(text);
    this.#brackets = new Brackets({ text, tokens: this.tokens, runs: this.#runs, options });
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
        return this.#run();
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
      case "$":
        return this.#formula();
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
    else if (next === "(" || next === "[") this.#formula();
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

  #run() {
    const { run, length } = runAt(this.text, this.at);
    if (!run) return this.#literal(length);
    this.tokens.push(run);
    this.#runs.push(run);
    this.at += length;
  }

  /** @param {boolean} image */
  #open(image) {
    const label = image ? undefined : noteReference(this.text, this.at);
    const note = label === undefined ? null : this.options.note(label, this.at);
    if (note && label !== undefined) {
      this.tokens.push({ type: "node", start: this.at, node: { kind: "note-link", ...note } });
      this.at += label.length + 3;
      return;
    }
    this.#brackets.begin(this.at, image);
    this.at += image ? 2 : 1;
  }

  #close() {
    const start = this.#brackets.open.at(-1)?.token.start ?? this.at;
    const { end, live } = this.#brackets.close(this.at, this.#isYoung(start));
    this.live = Math.min(this.live, live);
    if (end < 0) this.#literal(1);
    else this.at = end;
  }

  #formula() {
    const { text, at } = this;
    const found = this.#formulas.at(at);
    if (found) return this.#math(found.text, found.end, found.display, true);
    const { open } = this.#formulas;
    if (open) this.#mayChange(at);
    if (open && this.options.predict && this.#formulas.isLikely(at)) {
      return this.#math("", text.length, text.startsWith("$$", at) || text.startsWith("\\[", at), false);
    }
    if (text[at] === "\\") this.#shown(text.charAt(at + 1), 2);
    else this.#literal(text[at + 1] === "$" ? 2 : 1);
  }

  /**
   * @param {string} tex
   * @param {number} end
   * @param {boolean} display
   * @param {boolean} closed
   */
  #math(tex, end, display, closed) {
    const source = this.text.slice(this.at, end);
    this.tokens.push({ type: "node", start: this.at, node: { kind: "math", text: tex, source, display, closed } });
    this.at = end;
  }

  #pointed() {
    const found = pointedAt(this.text, this.at);
    if (!found) return this.#literal(1);
    const { href, text, end } = found;
    this.tokens.push({ type: "address", start: this.at, href, text });
    this.at = end;
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
    const { open } = this.#brackets;
    for (const { token } of open) {
      this.#mayChange(token.start);
      if (predict && token === open.at(-1)?.token && this.#isYoung(token.start)) token.target = PENDING;
    }
    for (let run = this.#runs.last; run; run = run.before) {
      if (!run.opens || run.left === 0) continue;
      this.#mayChange(run.start);
      if (predict && this.#isYoung(run.start)) begin(run);
    }
    this.live = Math.min(this.live, openEnd(this.text, this.#lastAddress));
  }
}
