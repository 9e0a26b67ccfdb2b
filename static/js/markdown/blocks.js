/**
 * Lines → blocks: the block phase of CommonMark 0.31 with GFM tables. A line is taken once and never looked at
 * again; what a line changes is written to a journal, so that an unfinished one can be taken back. No DOM, no I/O.
 */

import { Block } from "./block.js";
import { continues } from "./block-continues.js";
import { home, startBlock } from "./block-starts.js";
import { Journal } from "./journal.js";
import { Line } from "./line.js";
import { SPAN_LINES } from "./nodes.js";
import { References, takeDefinitions, takeFinalDefinitions } from "./references.js";
import { cells, MISSING_LIMIT } from "./tables.js";

/** @import {BlockType, CodeFacts} from "./block.js" */

/** Blocks of which the line that begins them holds nothing else. */
const OWN_LINE = new Set(["heading", "rule", "table"]);

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
      this.#addLine(this.tip, line, true);
      this.#noteBlank(-1);
      return;
    }
    if (!started) this.closeUntil(matched);
    const blank = line.blank && (!started || container.type === "quote");
    if (container.type === "paragraph") this.#addLine(container, line, false);
    else if (container.type === "code") this.#addCode(container, line, !started);
    else if (container.type === "table" && !started) this.#addRow(container, line.rest);
    else if (!line.blank && !OWN_LINE.has(container.type)) {
      this.#addLine(this.add("paragraph", home(container)), line, false);
    }
    this.#noteBlank(blank ? container.quotes : -1);
  }

  /** The end of a line that was taken before it was complete. */
  endLine() {
    if (this.written?.type === "code") this.#endCodeLine(this.written);
  }

  /** The end of the text. */
  finish() {
    const { tip } = this;
    this.closeUntil(this.root);
    // Indented code always ends its last line.
    if (tip.code && !tip.code.fence && this.written === tip && !tip.code.spans.at(-1)?.endsWith("\n")) this.#endCodeLine(tip);
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
    while (container.type !== "code") {
      if (line.blank) break;
      const block = startBlock(this, line, container);
      if (!block) break;
      started = container = block;
      if (block.type !== "quote" && block.type !== "item") break;
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
    this.journal.did(() => {
      parent.children.push(block);
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
   * @param {Block} leaf
   * @param {string} text
   */
  #wrote(leaf, text) {
    this.journal.set(this, "written", leaf);
    this.writing = text;
    leaf.changed();
  }

  /**
   * @param {Block} paragraph
   * @param {Line} line
   * @param {boolean} lazy
   */
  #addLine(paragraph, line, lazy) {
    const { journal } = this;
    const { indent, rest } = line;
    if (paragraph.text.pieces.length > 0) takeFinalDefinitions(paragraph, rest, this.references, journal);
    const { pieces } = paragraph.text;
    journal.set(paragraph, "lastLine", { text: rest, piece: pieces.length, plain: !lazy && indent < 4 });
    paragraph.text.append(pieces.length > 0 ? `\n${rest}` : rest, journal);
    this.#wrote(paragraph, rest);
  }

  /**
   * @param {Block} block
   * @param {Line} line
   * @param {boolean} goesOn whether the block was open before this line; a fence's own line holds no code
   */
  #addCode(block, line, goesOn) {
    const { code } = block;
    if (!code || (!goesOn && code.fence)) return;
    const { journal } = this;
    if (line.blank && !code.fence) {
      journal.set(code, "blanks", `${code.blanks}${line.remainder}\n`);
      return;
    }
    for (const blank of code.blanks.split("\n").slice(0, -1)) {
      this.#codeText(code, blank);
      this.#endCodeLine(block);
    }
    journal.set(code, "blanks", "");
    this.#codeText(code, line.remainder);
    this.#wrote(block, line.remainder);
  }

  /**
   * @param {CodeFacts} code
   * @param {string} text
   */
  #codeText(code, text) {
    const { journal } = this;
    if (code.spans.length > 0 && code.lines < SPAN_LINES) {
      const at = code.spans.length - 1;
      journal.set(code.spans, at, `${code.spans[at]}${text}`);
      return;
    }
    code.spans.push(text);
    journal.did(() => code.spans.pop());
    journal.set(code, "lines", 0);
  }

  /** @param {Block} block */
  #endCodeLine(block) {
    const { code } = block;
    if (!code) return;
    const at = code.spans.length - 1;
    this.journal.set(code.spans, at, `${code.spans[at]}\n`);
    this.journal.set(code, "lines", code.lines + 1);
    block.changed();
  }

  /**
   * @param {Block} table
   * @param {string} text
   */
  #addRow(table, text) {
    const found = cells(text);
    const missing = table.missing + Math.max(0, table.aligns.length - found.length);
    this.journal.set(table, "missing", missing);
    if (missing > MISSING_LIMIT) {
      this.#addLine(this.add("paragraph", home(table)), new Line(text), false);
      return;
    }
    const row = this.add("row", table);
    table.aligns.forEach((align, at) => {
      const cell = this.add("cell", row);
      cell.align = align;
      const content = found[at];
      if (content) cell.text.append(content, this.journal);
      if (content) this.#wrote(cell, content);
    });
    this.closeUntil(table);
  }
}
