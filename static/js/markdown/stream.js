/** A Markdown text that grows, and its tree at every moment. No DOM, no I/O. */

import { SAFE } from "./addresses.js";
import { BlockParser } from "./blocks.js";
import { mayBeginFormula } from "./formulas.js";
import { element, newGrowth } from "./nodes.js";
import { mayBecomeNote } from "./notes.js";
import { guessBlock, isUndecided } from "./predict.js";
import { updateTree } from "./tree.js";

/** @import {Policy} from "./addresses.js" */
/** @import {Autolinks} from "./autolinks.js" */
/** @import {Block} from "./block.js" */
/** @import {ElementNode, TreeNode} from "./nodes.js" */

/**
 * @typedef {object} Options
 * @property {boolean} [predict] show unfinished syntax as what it is about to become (default); else the tree is
 *   always that of the text so far, as if it ended there
 * @property {Autolinks} [autolinks] which addresses in plain text are links: "http" (default), "gfm" or "none"
 * @property {Policy} [policy] which addresses may come out, instead of the safe ones
 */

/** Characters of which an unfinished line needs one to be known as plain text of its paragraph. */
const DECIDED = /[^\s\-=*_:|+#\d.)>`~$\\]/;
/** The same for a line of fenced code. */
const DECIDED_CODE = /[^\s`~]/;

/**
 * A text that grows. Each finished line is read once; the unfinished last one is taken as a guess, which is taken
 * back when more of it comes.
 */
export class MarkdownStream {
  #parser = new BlockParser();
  /** @type {Required<Options>} */
  #options;
  /** @type {ElementNode} */
  #root = { ...element("div"), growth: newGrowth() };
  #revision = 0;
  /** What came of the last line and was not taken for good. */
  #pending = "";
  /** Whether the last line was taken for good, so that more of it only extends its text. */
  #decided = false;
  /** Whether `#pending` was taken as a guess. */
  #tried = false;
  #guessed = false;
  /** A carriage return that may be the first half of a line end. */
  #return = false;
  #ended = false;
  #current = false;
  /** The leaf whose end was predicted. @type {Block | null} */
  #open = null;

  /** @param {Options} [options] */
  constructor({ predict = true, autolinks = "http", policy = SAFE } = {}) {
    this.#options = { predict, autolinks, policy };
    this.#parser.root.node = this.#root;
  }

  /** The node that holds the whole tree; always the same one. Bring it up to date by asking for it. */
  get root() {
    if (!this.#current) this.#update();
    return this.#root;
  }

  /** The tree of the text so far. Its nodes change in place. @returns {readonly TreeNode[]} */
  get tree() {
    const { children, notes } = this.root;
    return notes ? [...children, notes] : children;
  }

  /** Whether the text is complete. */
  get ended() {
    return this.#ended;
  }

  /** @param {string} text more of it, cut anywhere */
  append(text) {
    if (!text || this.#ended) return;
    this.#takeBack();
    const lines = this.#normal(text).split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) this.#finish(line);
    this.#more(last);
    this.#current = false;
  }

  /** The text is complete. */
  end() {
    if (this.#ended) return;
    this.#takeBack();
    if (this.#return) this.#finish("");
    this.#takeTrial();
    if (this.#pending) this.#parser.take(this.#pending);
    this.#pending = "";
    this.#parser.finish();
    this.#ended = true;
    this.#current = false;
  }

  /**
   * Line ends as CommonMark has them, and no NUL.
   * @param {string} text
   * @returns {string}
   */
  #normal(text) {
    const whole = this.#return ? `\r${text}` : text;
    this.#return = whole.endsWith("\r");
    return (this.#return ? whole.slice(0, -1) : whole).replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd");
  }

  #takeBack() {
    if (this.#guessed) this.#parser.journal.rollback();
    this.#guessed = false;
  }

  #takeTrial() {
    if (this.#tried) this.#parser.journal.rollback();
    this.#tried = false;
  }

  /** @param {string} text more of the last line */
  #more(text) {
    if (!text) return;
    if (this.#decided) this.#parser.extend(text);
    else this.#pending += text;
  }

  /** @param {string} text the rest of the last line */
  #finish(text) {
    if (this.#decided) this.#parser.extend(text);
    else {
      this.#takeTrial();
      this.#parser.take(this.#pending + text);
    }
    this.#parser.endLine();
    this.#pending = "";
    this.#decided = false;
  }

  /** Takes the unfinished line: for good when no more text can change what it is, else as a guess. */
  #try() {
    const { journal } = this.#parser;
    this.#takeTrial();
    if (!this.#pending || (this.#options.predict && isUndecided(this.#pending, this.#parser.tip))) return;
    journal.begin();
    this.#parser.take(this.#pending);
    const { written, writing } = this.#parser;
    const isPlain = !mayBecomeNote(writing) && !mayBeginFormula(writing);
    const isText = written?.type === "paragraph" || written?.type === "code";
    this.#decided = isText && (isPlain || written?.type === "code") && (written.code?.fence ? DECIDED_CODE : DECIDED).test(writing);
    this.#tried = !this.#decided;
    if (!this.#decided) return;
    journal.commit();
    this.#pending = "";
  }

  #update() {
    const parser = this.#parser;
    if (!this.#ended) {
      if (!this.#decided) this.#try();
      parser.journal.begin();
      this.#guessed = true;
      if (this.#options.predict) guessBlock(parser);
      else parser.finish();
    }
    const open = this.#options.predict && !this.#ended ? openLeaf(parser) : null;
    if (this.#open && this.#open !== open) this.#open.changed();
    open?.changed();
    this.#open = open;
    this.#revision += 1;
    const { policy, autolinks } = this.#options;
    updateTree(parser.root, { revision: this.#revision, leaves: { references: parser.references, policy, autolinks }, open });
    this.#current = true;
  }
}

/**
 * The leaf that more text would go into.
 * @param {BlockParser} parser
 * @returns {Block | null}
 */
function openLeaf(parser) {
  const { tip, written } = parser;
  if (tip.type === "paragraph") return tip;
  return written && written.type !== "code" ? written : null;
}

/**
 * The tree of a whole text.
 * @param {string} text
 * @param {Options} [options]
 * @returns {readonly TreeNode[]}
 */
export function parse(text, options) {
  const stream = new MarkdownStream(options);
  stream.append(text);
  stream.end();
  return stream.tree;
}
