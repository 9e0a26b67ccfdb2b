/**
 * The inlines of one leaf while its text grows. What is finished is kept: a long paragraph is not read again for
 * every word. No DOM, no I/O.
 */

import { makeInlines } from "./inline-tree.js";
import { readInlines } from "./inlines.js";
import { withoutLooseEnd } from "./predict.js";
import { textNode } from "./nodes.js";

/** @import {Policy} from "./addresses.js" */
/** @import {Autolinks} from "./autolinks.js" */
/** @import {Block} from "./block.js" */
/** @import {Notes, NoteUse} from "./notes.js" */
/** @import {References} from "./references.js" */
/** @import {TreeNode} from "./nodes.js" */

/**
 * @typedef {object} LeafOptions
 * @property {References} references
 * @property {Policy} policy
 * @property {Autolinks} autolinks
 * @property {boolean} predict whether the leaf's last line is unfinished, and shall show what it is about to become
 */

/** Shorter texts are simply read again. */
const WORTH_KEEPING = 200;
const TASK = /^\[([ xX])\][ \t]/;

/** What was made of a leaf's text. */
export class LeafInlines {
  /** @type {TreeNode[]} */
  nodes = [];
  /** So many nodes are finished. */
  settled = 0;
  /** Nodes from this one on are other ones than before the last update. */
  changedFrom = 0;
  /** The node that these are shown in. @type {TreeNode | null} */
  owner = null;
  /** The labels this leaf looked up. @type {Set<string>} */
  labels = new Set();
  /** The footnotes it refers to. @type {NoteUse[]} */
  notes = [];
  /** The text from `#tailStart` on, behind `#before`, the two characters that stand before it. */
  #tail = "";
  #before = "";
  #tailStart = 0;
  /** The text's length after each of the pieces that were read. @type {number[]} */
  #lengths = [];

  /**
   * Reads what is new in the leaf's text.
   * @param {Block} block
   * @param {LeafOptions} options
   */
  update(block, options) {
    if (block.stale) this.#forget(0);
    else if (block.text.same < this.#lengths.length) this.#forget(block.text.same);
    block.stale = false;
    this.#read(block.text.pieces);
    block.text.seen();

    this.#forgetNotes(options.references.notes);
    const source = this.#before + withoutSpaceAtEnd(this.#tail);
    const text = options.predict ? withoutLooseEnd(source, this.#before.length) : source;
    const { tokens, live } = readInlines(text, this.#before.length, {
      autolinks: options.autolinks,
      predict: options.predict,
      find: (label) => {
        this.labels.add(label);
        return options.references.find(label, block);
      },
      note: (label, at) => {
        this.labels.add(`^${label}`);
        return options.references.notes.find(label, block, this.#tailStart - this.#before.length + at);
      },
    });
    const made = makeInlines(tokens, options.policy, text.length);
    if (this.settled === 0 && isTaskPlace(block)) this.#markTask(made, options.predict);
    this.changedFrom = this.settled;
    this.nodes.length = this.settled;
    for (const node of made.nodes) this.nodes.push(node);
    if (this.#tail.length > WORTH_KEEPING) this.#settle(made.ends, live);
  }

  /**
   * Forgets the references in what is read again.
   * @param {Notes} notes
   */
  #forgetNotes(notes) {
    const kept = this.notes.findIndex(({ at }) => at >= this.#tailStart);
    if (kept < 0) return;
    this.notes.length = kept;
    notes.changed = true;
  }

  /** @param {readonly string[]} pieces */
  #read(pieces) {
    let length = this.#lengths.at(-1) ?? 0;
    for (let at = this.#lengths.length; at < pieces.length; at += 1) {
      const piece = /** @type {string} */ (pieces[at]);
      this.#tail += piece;
      this.#lengths.push((length += piece.length));
    }
  }

  /**
   * Goes back to what was there after the first pieces.
   * @param {number} pieces
   */
  #forget(pieces) {
    const length = (pieces > 0 && this.#lengths[pieces - 1]) || 0;
    const tail = this.#tail.slice(0, Math.max(0, length - this.#tailStart));
    if (this.#tailStart === 0 || tail.trim()) {
      this.#tail = tail;
      this.#lengths.length = pieces;
      return;
    }
    this.#tail = "";
    this.#before = "";
    this.#tailStart = 0;
    this.#lengths = [];
    this.settled = 0;
  }

  /**
   * @param {readonly number[]} ends
   * @param {number} live
   */
  #settle(ends, live) {
    let count = 0;
    let place = 0;
    ends.forEach((end, at) => {
      if (end < 0 || end > live) return;
      count = at + 1;
      place = end;
    });
    if (count === 0) return;
    const read = place - this.#before.length;
    const all = this.#before + this.#tail;
    this.#before = all.slice(Math.max(0, place - 2), place);
    this.#tail = all.slice(place);
    this.#tailStart += read;
    this.settled += count;
  }

  /**
   * Turns "[ ] " and "[x] " at the start of a list item into a mark.
   * @param {{nodes: TreeNode[], ends: number[]}} made
   * @param {boolean} predict
   */
  #markTask({ nodes, ends }, predict) {
    const [first] = nodes;
    if (predict && /^\[[ xX]?\]?$/.test(this.#tail.trim())) nodes.length = ends.length = 0;
    const mark = first?.kind === "text" ? TASK.exec(first.text) : null;
    if (!mark || first?.kind !== "text") return;
    const rest = first.text.slice(mark[0].length);
    const done = mark[1] !== " ";
    if (rest) {
      nodes.splice(0, 1, { kind: "task", done }, textNode(rest));
      ends.unshift(-1);
    } else nodes.splice(0, 1, { kind: "task", done });
  }
}

/** @param {Block} block */
function isTaskPlace(block) {
  return block.type === "paragraph" && block.index === 0 && block.parent?.type === "item";
}

/**
 * @param {string} text
 * @returns {string}
 */
function withoutSpaceAtEnd(text) {
  let end = text.length;
  while (end > 0 && " \t\n".includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
