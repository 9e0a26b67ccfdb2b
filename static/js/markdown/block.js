/** The blocks of a document, as the block phase keeps them. No DOM, no I/O. */

/** @import {TreeNode} from "./nodes.js" */
/** @import {Journal} from "./journal.js" */
/** @import {LeafInlines} from "./leaf.js" */

/** @typedef {"document" | "quote" | "list" | "item" | "note" | "paragraph" | "heading" | "code" | "math" | "rule" | "table" | "row" | "cell"} BlockType */

/** Containers deeper than this are text: nobody writes them, and layout engines fall over them. */
export const DEPTH_LIMIT = 100;

/** The text of a leaf, in the pieces it came in. */
export class LeafText {
  /** @type {string[]} */
  pieces = [];
  /** Pieces below this index are the same as when `seen` was last called. */
  same = 0;

  /** @returns {string} */
  get whole() {
    return this.pieces.join("");
  }

  /** Forgets that anything changed. */
  seen() {
    this.same = this.pieces.length;
  }

  /** @param {string} piece */
  extend(piece) {
    this.pieces.push(piece);
  }

  /**
   * @param {string} piece
   * @param {Journal} journal
   */
  append(piece, journal) {
    const length = this.pieces.push(piece) - 1;
    journal.did(() => {
      this.#cut(length);
    });
  }

  /**
   * Keeps only the first pieces.
   * @param {number} length
   * @param {Journal} journal
   */
  truncate(length, journal) {
    const removed = this.pieces.slice(length);
    this.#cut(length);
    journal.did(() => this.pieces.push(...removed));
  }

  /**
   * @param {string} text
   * @param {Journal} journal
   */
  replace(text, journal) {
    this.truncate(0, journal);
    this.append(text, journal);
  }

  /** @param {number} length */
  #cut(length) {
    this.pieces.length = length;
    this.same = Math.min(this.same, length);
  }
}

/**
 * @typedef {object} ListFacts
 * @property {boolean} ordered
 * @property {string} mark the bullet, or what follows the number
 * @property {number} start
 * @property {boolean} loose
 */
/**
 * @typedef {object} CodeFacts
 * @property {string} fence its opening fence, or "" when the code is indented
 * @property {number} indent columns the fence was indented
 * @property {string} language
 * @property {string[]} spans
 * @property {number} lines finished lines in the last span
 * @property {string} blanks blank lines of indented code, which count only when more code follows
 */
/** @typedef {"left" | "center" | "right" | undefined} Align */
/**
 * @typedef {object} LastLine of a paragraph: it may turn out to be the head of a table
 * @property {string} text
 * @property {number} piece index of its first piece
 * @property {boolean} plain whether it may be such a head
 */

/** One block: a container with children, or a leaf with text. */
export class Block {
  /** @type {BlockType} */
  type;
  /** @type {Block | null} */
  parent;
  index = 0;
  /** How many containers it is inside of. */
  depth = 0;
  /** How many quotes it is inside of, itself included. */
  quotes = 0;
  open = true;
  /** @type {Block[]} */
  children = [];
  /** Children from this one on changed since the tree was last made; Infinity when none did. */
  changedFrom = Infinity;
  /** Whether it changed itself since the tree was last made. */
  dirty = true;
  text = new LeafText();
  /** @type {LastLine | null} */
  lastLine = null;
  /** A paragraph of which it is known that it does not begin with a link reference definition. */
  undefining = false;
  /** @type {ListFacts | null} */
  list = null;
  /** @type {CodeFacts | null} */
  code = null;
  /** The mark that ends a formula which stands by itself. */
  mathEnd = "";
  /** Whether that mark was there. */
  complete = false;
  /** Columns the content of a list item is indented. */
  indent = 0;
  /** Of a heading. */
  level = 0;
  /** The place of a heading in the outline, from 0. */
  rank = 0;
  /** @type {Align[]} of a table's columns */
  aligns = [];
  /** @type {Align} of a cell */
  align = undefined;
  /** Cells of a table that were not written. */
  missing = 0;

  // What the tree keeps here between two revisions.
  /** @type {TreeNode | null} */
  node = null;
  /** @type {LeafInlines | null} */
  inlines = null;
  /** The inlines have to be read again, from the start. */
  stale = false;
  /** Of a child of a list item: where its nodes begin among the item's, and how many they are. */
  place = 0;
  width = 0;
  /** Whether the item shows this paragraph without its own element. */
  bare = false;

  /**
   * @param {BlockType} type
   * @param {Block | null} parent
   */
  constructor(type, parent) {
    this.type = type;
    this.parent = parent;
    if (!parent) return;
    this.index = parent.children.length;
    this.depth = parent.depth + 1;
    this.quotes = parent.quotes + (type === "quote" ? 1 : 0);
  }

  /** @returns {Block | undefined} */
  get last() {
    return this.children.at(-1);
  }

  /** Notes that this block changed, for whoever makes the tree. */
  changed() {
    /** @type {Block} */
    let block = this;
    this.dirty = true;
    for (let { parent } = block; parent; block = parent, parent = block.parent) {
      const known = parent.changedFrom;
      parent.changedFrom = Math.min(known, block.index);
      if (known !== Infinity) break;
    }
  }
}

/**
 * Where a new block goes when it stands behind `container`, which may be a leaf or a list.
 * @param {Block} container
 * @param {boolean} [isItem]
 * @returns {Block}
 */
export function home(container, isItem = false) {
  let block = container;
  while (block.parent && !HOMES.has(block.type) && !(isItem && block.type === "list")) block = block.parent;
  return block;
}

const HOMES = new Set(["document", "quote", "item", "note"]);
