/** Tokens of a leaf's text → its tree. No DOM, no I/O. */

import { textNode } from "./nodes.js";

/** @import {Policy} from "./addresses.js" */
/** @import {AddressToken, OpenToken, RunTag, RunToken, Token} from "./inline-tokens.js" */
/** @import {TreeNode} from "./nodes.js" */

/** Texts longer than this are cut where a word begins, so that a long paragraph has finished pieces. */
const TEXT_LIMIT = 1_000;
/** Inlines nested deeper than this are shown without their own element. */
const DEPTH_LIMIT = 50;

/** @typedef {{tag: RunTag | "a" | "", children: TreeNode[], shown: boolean, link: boolean}} Frame */

/**
 * @typedef {object} InlineTree
 * @property {TreeNode[]} nodes
 * @property {number[]} ends for each node where the source of the next one begins; -1 where that cannot be told
 */

/**
 * @param {readonly Token[]} tokens
 * @param {Policy} policy
 * @param {number} length of the source
 * @returns {InlineTree}
 */
export function makeInlines(tokens, policy, length) {
  const maker = new Maker(policy);
  for (let at = 0; at < tokens.length; at += 1) {
    const token = /** @type {Token} */ (tokens[at]);
    maker.begin(token.start);
    at = maker.add(tokens, token, at);
  }
  maker.begin(length);
  return maker.end();
}

class Maker {
  /** @type {Frame[]} */
  #frames = [{ tag: "", children: [], shown: true, link: false }];
  /** @type {number[]} */
  #ends = [];
  #text = "";
  /** Its last character. Asking the text for it would copy the text. */
  #last = "";
  #links = 0;

  /** @param {Policy} policy */
  constructor(policy) {
    this.policy = policy;
  }

  get #frame() {
    return /** @type {Frame} */ (this.#frames.at(-1));
  }

  /** @param {number} start where the next token begins: nodes before it end there */
  begin(start) {
    if (this.#frames.length > 1 || this.#text) return;
    while (this.#ends.length < this.#frame.children.length) this.#ends.push(start);
  }

  /** @returns {InlineTree} */
  end() {
    while (this.#frames.length > 1) this.#leave();
    this.#flush();
    const { children } = this.#frame;
    while (this.#ends.length < children.length) this.#ends.push(-1);
    return { nodes: children, ends: this.#ends };
  }

  /**
   * @param {readonly Token[]} tokens
   * @param {Token} token
   * @param {number} at its index
   * @returns {number} the index of the last token that was used
   */
  add(tokens, token, at) {
    if (token.type === "text") this.#addText(token.text, token.start, token.literal);
    else if (token.type === "node") this.#addNode(token.node, token.start);
    else if (token.type === "run") this.#addRun(token);
    else if (token.type === "close") this.#leaveTo("a");
    else if (token.type === "open") return this.#open(tokens, token, at);
    else this.#address(token);
    return at;
  }

  /**
   * @param {TreeNode} node
   * @param {number} start
   */
  #addNode(node, start) {
    // A link cannot hold another one.
    if (node.kind === "note-link" && this.#links > 0) this.#addText(`[${node.number}]`, start, false);
    else this.#push(node);
  }

  /** @param {TreeNode} node */
  #push(node) {
    this.#flush();
    this.#frame.children.push(node);
  }

  #flush() {
    if (this.#text) this.#frame.children.push(textNode(this.#text));
    this.#text = "";
  }

  /**
   * Adds to the text that is being collected, and cuts that where a word begins after `TEXT_LIMIT` characters. Only
   * the new text is searched: the collected one is long.
   * @param {string} text
   * @param {number} start
   * @param {boolean} literal
   */
  #addText(text, start, literal) {
    let from = 0;
    while (this.#text.length + text.length - from > TEXT_LIMIT) {
      const cut = wordStart(text, from, Math.max(0, TEXT_LIMIT - this.#text.length), from === 0 ? this.#last : "");
      if (cut < 0) break;
      this.#text += text.slice(from, cut);
      this.#flush();
      if (literal || cut === 0) this.begin(start + cut);
      from = cut;
    }
    this.#text += text.slice(from);
    this.#last = text.slice(-1);
  }

  /** @param {RunToken} run */
  #addRun(run) {
    for (const tag of run.ends) this.#leaveTo(tag);
    if (run.left > 0) this.#addText(run.mark.repeat(run.left), run.start, false);
    for (const tag of [...run.begins].reverse()) this.#enter(tag, { kind: "element", tag, children: [] });
  }

  /**
   * @param {RunTag | "a"} tag
   * @param {Extract<TreeNode, {children: TreeNode[]}> | null} node null when the children are shown without it
   */
  #enter(tag, node) {
    this.#flush();
    const shown = node !== null && this.#frames.length < DEPTH_LIMIT;
    if (shown) this.#frame.children.push(node);
    const link = tag === "a" && node !== null;
    this.#frames.push({ tag, children: shown ? node.children : this.#frame.children, shown, link });
    if (link) this.#links += 1;
  }

  #leave() {
    this.#flush();
    const frame = this.#frames.pop();
    if (frame?.link) this.#links -= 1;
    // Only a guess can be empty, and links.
    if (frame?.shown && frame.tag !== "a" && frame.children.length === 0) this.#frame.children.pop();
  }

  /** @param {RunTag | "a"} tag */
  #leaveTo(tag) {
    while (this.#frames.length > 1) {
      const { tag: inner } = this.#frame;
      this.#leave();
      if (inner === tag) return;
    }
  }

  /** @param {AddressToken} token */
  #address({ href: address, text, start }) {
    const href = this.#links > 0 ? null : this.policy.link(address);
    if (href === null) this.#addText(text, start, false);
    else this.#push({ kind: "link", href, title: "", children: [textNode(text)] });
  }

  /**
   * @param {readonly Token[]} tokens
   * @param {OpenToken} token
   * @param {number} at
   * @returns {number}
   */
  #open(tokens, token, at) {
    const { target, image, close } = token;
    if (!target) this.#addText(image ? "![" : "[", token.start, false);
    else if (!image) {
      const href = target.pending ? "" : this.policy.link(target.href);
      this.#enter("a", href === null ? null : { kind: "link", href, title: target.title, children: [] });
    } else if (target.pending && close < Infinity) {
      this.#addText(words(tokens, at + 1, close), token.start, false);
      return close;
    } else if (close < Infinity) {
      const node = this.policy.picture(target.href, words(tokens, at + 1, close), target.title, this.#links > 0);
      if (node?.kind === "text") this.#addText(node.text, token.start, false);
      else if (node) this.#push(node);
      return close;
    }
    return at;
  }
}

/**
 * The index of the first word that begins at `from + least` or later, or -1.
 * @param {string} text
 * @param {number} from
 * @param {number} least
 * @param {string} before the character that stands before `from`
 * @returns {number}
 */
function wordStart(text, from, least, before) {
  const start = from + least;
  if (least === 0 && isSpace(before) && start < text.length && /[^ \t\n]/.test(text.charAt(start))) return start;
  const pattern = /[ \n](?=[^ \t\n])/g;
  pattern.lastIndex = Math.max(from, start - 1);
  const found = pattern.exec(text);
  return found ? found.index + 1 : -1;
}

/** @param {string} character */
const isSpace = (character) => character === " " || character === "\n";

/**
 * What a picture's description says, without its marks.
 * @param {readonly Token[]} tokens
 * @param {number} from
 * @param {number} to
 * @returns {string}
 */
function words(tokens, from, to) {
  let text = "";
  for (const token of tokens.slice(from, to)) {
    if (token.type === "text" || token.type === "address") text += token.text;
    else if (token.type === "run") text += token.mark.repeat(token.left);
    else if (token.type === "open" && !token.target) text += token.image ? "![" : "[";
    else if (token.type === "node" && token.node.kind === "math") text += token.node.source;
    else if (token.type === "node" && token.node.kind === "element") text += token.node.tag === "br" ? "\n" : textOf(token.node.children);
  }
  return text;
}

/** @param {readonly TreeNode[]} nodes */
function textOf(nodes) {
  return nodes.map((node) => (node.kind === "text" ? node.text : "")).join("");
}
