/** What a line puts into the block that it goes on with: into paragraphs, code, formulas and tables. No DOM, no I/O. */

import { home } from "./block.js";
import { Line } from "./line.js";
import { SPAN_LINES } from "./nodes.js";
import { takeFinalDefinitions } from "./references.js";
import { cells, MISSING_LIMIT } from "./tables.js";

/** @import {Block, CodeFacts} from "./block.js" */
/** @import {BlockParser} from "./blocks.js" */
/** @import {Journal} from "./journal.js" */

/**
 * @param {BlockParser} parser
 * @param {Block} paragraph
 * @param {Line} line
 * @param {boolean} lazy
 */
export function addLine(parser, paragraph, line, lazy) {
  const { journal, references } = parser;
  const { indent, rest } = line;
  if (paragraph.text.pieces.length > 0) takeFinalDefinitions(paragraph, rest, references, journal);
  const { pieces } = paragraph.text;
  journal.set(paragraph, "lastLine", { text: rest, piece: pieces.length, plain: !lazy && indent < 4 });
  paragraph.text.append(pieces.length > 0 ? `\n${rest}` : rest, journal);
  parser.wrote(paragraph, rest);
}

/**
 * @param {BlockParser} parser
 * @param {Block} block
 * @param {Line} line
 * @param {boolean} goesOn whether the block was open before this line; a fence's own line holds no code
 */
export function addCode(parser, block, line, goesOn) {
  const { code } = block;
  const { journal } = parser;
  if (!code || (!goesOn && code.fence)) return;
  if (line.blank && !code.fence) {
    journal.set(code, "blanks", `${code.blanks}${line.remainder}\n`);
    return;
  }
  for (const blank of code.blanks.split("\n").slice(0, -1)) {
    addText(code, blank, journal);
    endCodeLine(block, journal);
  }
  journal.set(code, "blanks", "");
  addText(code, line.remainder, journal);
  parser.wrote(block, line.remainder);
}

/**
 * @param {CodeFacts} code
 * @param {string} text
 * @param {Journal} journal
 */
function addText(code, text, journal) {
  if (code.spans.length > 0 && code.lines < SPAN_LINES) {
    const at = code.spans.length - 1;
    journal.set(code.spans, at, `${code.spans[at]}${text}`);
    return;
  }
  code.spans.push(text);
  journal.did(() => code.spans.pop());
  journal.set(code, "lines", 0);
}

/**
 * @param {Block} block
 * @param {Journal} journal
 */
export function endCodeLine(block, journal) {
  const { code } = block;
  if (!code) return;
  const at = code.spans.length - 1;
  journal.set(code.spans, at, `${code.spans[at]}\n`);
  journal.set(code, "lines", code.lines + 1);
  block.changed();
}

/**
 * @param {BlockParser} parser
 * @param {Block} block
 * @param {string} text a line of it
 */
export function addFormula(parser, block, text) {
  block.text.append(`\n${text}`, parser.journal);
  block.changed();
  if (text.trimEnd().endsWith(block.mathEnd)) parser.endFormula(block);
}

/**
 * @param {BlockParser} parser
 * @param {Block} table
 * @param {string} text
 */
export function addRow(parser, table, text) {
  const { journal } = parser;
  const found = cells(text);
  const missing = table.missing + Math.max(0, table.aligns.length - found.length);
  journal.set(table, "missing", missing);
  if (missing > MISSING_LIMIT) {
    addLine(parser, parser.add("paragraph", home(table)), new Line(text), false);
    return;
  }
  const row = parser.add("row", table);
  table.aligns.forEach((align, at) => {
    const cell = parser.add("cell", row);
    cell.align = align;
    const content = found[at];
    if (content) cell.text.append(content, journal);
    if (content) parser.wrote(cell, content);
  });
  parser.closeUntil(table);
}
