/**
 * Lines → blocks: the block phase of CommonMark 0.31 with GFM tables. A line is taken once and never looked at
 * again; what a line changes is written to a journal, so that an unfinished one can be taken back. No DOM, no I/O.
 */

import { Block, home } from "./block.js";
import { continues } from "./block-continues.js";
import { startBlock } from "./block-starts.js";
import { Journal } from "./journal.js";
import { addCode, addFormula, addLine, addRow, endCodeLine } from "./leaf-lines.js";
import { Line } from "./line.js";
import { References, takeDefinitions } from "./references.js";

/** @import {BlockType} from "./block.js" */

/** Blocks of which the line that begins them holds nothing else. */
const OWN_LINE = new Set(["heading", "rule", "table", "math"]);

/** Blocks that hold other ones, which may begin on the same line. */
const CONTAINERS = new Set(["quote", "item", "note"]);

/** The block phase of one text. */
export class BlockParser {
  root = new Block("document", null);
  journal = new Journal();
  references = new References();
  /** The innermost open block. */
  tip = this.root;
  /** The leaf that the last line put text into. @type {Block | null} */
  written = null;
  /** What the last line put there. */
  writing = "";
  /** The quotes around the line before, when it was blank; else -1. */
  blankQuotes = -1;
  /** The levels of the headings that stand over the next one. @type {readonly number[]} */
  levels = [];

  /**
   * Takes one line.
   * @param {string} text without its line end
   */
  take(text) {
    const line = new Line(text);
    this.journal.set(this, "written", null);
    const matched = this.#match(line);
    if (!matched) return;
    const unmatched = this.tip !== matched;
    const started = this.#start(line, matched);
    const container = started ?? matched;

    if (!started && unmatched && !line.blank && this.tip.type === "paragraph") {
      addLine(this, this.tip, line, true);
      this.#noteBlank(-1);
      return;
    }
    if (!started) this.closeUntil(matched);
    const blank = line.blank && (!started || container.type === "quote");
    if (container.type === "paragraph") addLine(this, container, line, false);
    else if (container.type === "code") addCode(this, container, line, !started);
    else if (container.type === "math" && !started) addFormula(this, container, line.rest);
    else if (container.type === "table" && !started) addRow(this, container, line.rest);
    else if (!line.blank && !OWN_LINE.has(container.type)) {
      addLine(this, this.add("paragraph", home(container)), line, false);
    }
    this.#noteBlank(blank ? container.quotes : -1);
  }

  /** The end of a line that was taken before it was complete. */
  endLine() {
    if (this.written?.type === "code") endCodeLine(this.written, this.journal);
  }

  /** The end of the text. */
  finish() {
    const { tip } = this;
    this.closeUntil(this.root);
    // Indented code always ends its last line.
    if (tip.code && !tip.code.fence && this.written === tip && !tip.code.spans.at(-1)?.endsWith("\n")) endCodeLine(tip, this.journal);
  }

  /**
   * More of the line that was taken last, when it is known that this changes nothing but its text.
   * @param {string} text
   */
  extend(text) {
    const leaf = this.written;
    if (!leaf || !text) return;
    if (leaf.code) {
      const { spans } = leaf.code;
      spans[spans.length - 1] += text;
    } else {
      leaf.text.extend(text);
      if (leaf.lastLine) leaf.lastLine.text += text;
    }
    leaf.changed();
  }

  /**
   * The innermost block that goes on in this line.
   * @param {Line} line
   * @returns {Block | null} null when the line has said all there is to say
   */
  #match(line) {
    let container = this.root;
    for (let child = container.last; child?.open; child = container.last) {
      const goesOn = continues(child, line);
      if (goesOn === "ended") {
        this.#close(child);
        this.#noteBlank(-1);
        return null;
      }
      if (!goesOn) break;
      container = child;
    }
    return container;
  }

  /**
   * Opens the blocks that begin in this line.
   * @param {Line} line
   * @param {Block} container
   * @returns {Block | null} the innermost of them
   */
  #start(line, container) {
    /** @type {Block | null} */
    let started = null;
    while (container.type !== "code" && container.type !== "math") {
      if (line.blank) break;
      const block = startBlock(this, line, container);
      if (!block) break;
      started = container = block;
      if (!CONTAINERS.has(block.type)) break;
    }
    return started;
  }

  /**
   * Adds a block.
   * @param {BlockType} type
   * @param {Block} parent
   * @returns {Block}
   */
  add(type, parent) {
    this.closeUntil(parent);
    const list = parent.type === "item" ? parent.parent : parent;
    const afterBlank = this.blankQuotes >= 0 && this.blankQuotes <= parent.quotes && parent.children.length > 0;
    if (list && afterBlank) this.#loosen(list);
    const block = new Block(type, parent);
    const { tip } = this;
    parent.children.push(block);
    block.changed();
    this.tip = block;
    this.journal.did(() => {
      block.changed();
      parent.children.pop();
      if (block.inlines) this.references.forget(block, block.inlines.labels);
      if (block.inlines?.notes.length) this.references.notes.changed = true;
      this.tip = tip;
    });
    return block;
  }

  /** @param {Block} list */
  #loosen({ list: facts, children }) {
    if (!facts || facts.loose) return;
    const tellItems = () => {
      for (const item of children) item.changed();
    };
    this.journal.set(facts, "loose", true);
    this.journal.did(tellItems);
    tellItems();
  }

  /**
   * Takes the last child away.
   * @param {Block} block
   */
  remove(block) {
    const { parent } = block;
    if (!parent) return;
    block.changed();
    parent.children.pop();
    this.references.notes.changed = true;
    this.journal.did(() => {
      parent.children.push(block);
      this.references.notes.changed = true;
      block.changed();
    });
  }

  /**
   * Closes all blocks inside of one.
   * @param {Block} container
   */
  closeUntil(container) {
    while (this.tip !== container && this.tip !== this.root) this.#close(this.tip);
  }

  /**
   * Closes the innermost open block.
   * @param {Block} block
   */
  #close(block) {
    this.journal.set(block, "open", false);
    block.changed();
    if (block.type === "paragraph" && !takeDefinitions(block, this.references, this.journal)) this.remove(block);
    if (block.parent) this.journal.set(this, "tip", block.parent);
  }

  /** @param {number} quotes */
  #noteBlank(quotes) {
    this.journal.set(this, "blankQuotes", quotes);
  }

  /**
   * Notes what a line put into a leaf.
   * @param {Block} leaf
   * @param {string} text
   */
  wrote(leaf, text) {
    this.journal.set(this, "written", leaf);
    this.writing = text;
    leaf.changed();
  }

  /**
   * A formula that stands by itself is complete.
   * @param {Block} block
   */
  endFormula(block) {
    this.journal.set(block, "complete", true);
    this.closeUntil(block);
    this.#close(block);
  }
}
