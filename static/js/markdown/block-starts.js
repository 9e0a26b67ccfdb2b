/** What begins a block. Each rule looks at what is left of a line and adds its block, or leaves both alone. No DOM, no I/O. */

import { DEPTH_LIMIT, home } from "./block.js";
import { formula, note } from "./extension-starts.js";
import { unescaped } from "./links.js";
import { takeDefinitions } from "./references.js";
import { trimmed } from "./line.js";
import { alignments, cells } from "./tables.js";

/** @import {Block, ListFacts} from "./block.js" */
/** @import {BlockParser} from "./blocks.js" */
/** @import {Line} from "./line.js" */

/** @typedef {(parser: BlockParser, line: Line, container: Block) => Block | null} Rule */

/**
 * The block that begins here, or null.
 * @type {Rule}
 */
export function startBlock(parser, line, container) {
  if (line.indent >= 4) return indentedCode(parser, line, container);
  const rules = MAY_START[line.text.charAt(line.next)];
  if (!rules) return null;
  for (const rule of rules) {
    const block = rule(parser, line, container);
    if (block) return block;
  }
  return null;
}

/** @type {Rule} */
function indentedCode(parser, line, container) {
  if (parser.tip.type === "paragraph" || container.type === "table" || line.blank) return null;
  line.skipColumns(4);
  const block = parser.add("code", home(container));
  block.code = { fence: "", indent: 0, language: "", spans: [], lines: 0, blanks: "" };
  return block;
}

/** @type {Rule} */
function quote(parser, line, container) {
  if (container.depth >= DEPTH_LIMIT) return null;
  line.skipSpace();
  line.skip(1);
  line.skipColumns(1);
  return parser.add("quote", home(container));
}

/** @type {Rule} */
function heading(parser, line, container) {
  const found = /^(#{1,6})(?:[ \t]+|$)/.exec(line.rest);
  if (!found) return null;
  const text = trimmed(line.rest.slice(found[0].length));
  let end = text.length;
  while (text[end - 1] === "#") end -= 1;
  const closed = end === 0 || /[ \t]/.test(text.charAt(end - 1));
  const block = parser.add("heading", home(container));
  block.level = found[1]?.length ?? 1;
  rank(parser, block);
  block.text.append(closed ? trimmed(text.slice(0, end)) : text, parser.journal);
  parser.journal.set(parser, "written", block);
  parser.closeUntil(block);
  return block;
}

/**
 * Gives a heading its place in the outline. Answers begin at any level and skip some; a listener who goes from
 * heading to heading should meet none that is missing.
 * @param {BlockParser} parser
 * @param {Block} block
 */
function rank(parser, block) {
  const above = parser.levels.filter((level) => level < block.level);
  parser.journal.set(block, "rank", above.length);
  parser.journal.set(parser, "levels", [...above, block.level]);
}

/** @type {Rule} */
function fence(parser, line, container) {
  const rest = line.rest;
  const found = /^(?:(`{3,})[^`]*|(~{3,}).*)$/.exec(rest);
  const mark = found?.[1] ?? found?.[2];
  if (!mark) return null;
  const { indent } = line;
  const block = parser.add("code", home(container));
  const [language] = rest.slice(mark.length).trim().split(/\s+/, 1);
  block.code = { fence: mark, indent, language: unescaped(language ?? ""), spans: [], lines: 0, blanks: "" };
  return block;
}

/** @type {Rule} */
function underline(parser, line, container) {
  if (container.type !== "paragraph" || !/^(?:=+|-+)[ \t]*$/.test(line.rest)) return null;
  const { journal } = parser;
  if (!takeDefinitions(container, parser.references, journal)) return null;
  journal.set(container, "type", "heading");
  journal.set(container, "level", line.rest.startsWith("=") ? 1 : 2);
  rank(parser, container);
  renew(parser, container);
  return container;
}

/**
 * A block became one of another type: it gets another node.
 * @param {BlockParser} parser
 * @param {Block} block
 */
function renew(parser, block) {
  const { node } = block;
  block.node = null;
  block.changed();
  parser.journal.did(() => {
    block.node = node;
    block.changed();
  });
}

/** @type {Rule} */
function table(parser, line, container) {
  const { lastLine } = container;
  if (container.type !== "paragraph" || !lastLine?.plain || !lastLine.text.includes("|")) return null;
  const aligns = alignments(line.rest);
  if (!aligns) return null;
  const head = cells(lastLine.text);
  if (head.length !== aligns.length) return null;
  return startTable(parser, container, head, aligns);
}

/**
 * Makes the last line of a paragraph the head of a table.
 * @param {BlockParser} parser
 * @param {Block} paragraph
 * @param {readonly string[]} head
 * @param {Block["aligns"]} aligns
 * @returns {Block}
 */
export function startTable(parser, paragraph, head, aligns) {
  const { journal } = parser;
  const piece = paragraph.lastLine?.piece ?? 0;
  paragraph.text.truncate(piece, journal);
  paragraph.changed();
  const parent = home(paragraph);
  if (paragraph.text.pieces.length === 0) {
    parser.remove(paragraph);
    journal.set(parser, "tip", parent);
  }
  const block = parser.add("table", parent);
  block.aligns = aligns;
  const row = parser.add("row", block);
  head.forEach((text, at) => {
    const cell = parser.add("cell", row);
    cell.align = aligns[at];
    cell.text.append(text, journal);
    journal.set(parser, "written", cell);
  });
  parser.closeUntil(block);
  return block;
}

/** @type {Rule} */
function rule(parser, line, container) {
  if (!/^(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$/.test(line.rest)) return null;
  const block = parser.add("rule", home(container));
  parser.closeUntil(block);
  return block;
}

/** @type {Rule} */
function item(parser, line, container) {
  const found = /^(?:[*+-]|(\d{1,9})([.)]))(?=[ \t]|$)/.exec(line.rest);
  if (!found || container.depth >= DEPTH_LIMIT) return null;
  const ordered = found[1] !== undefined;
  const start = Number(found[1] ?? 1);
  const empty = trimmed(line.rest.slice(found[0].length)) === "";
  if (container.type === "paragraph" && (empty || (ordered && start !== 1))) return null;

  const { indent } = line;
  line.skipSpace();
  line.skip(found[0].length);
  const spaces = line.indent;
  line.skipColumns(empty || spaces > 4 ? 1 : spaces);
  const mark = found[2] ?? found[0];
  const block = parser.add("item", listFor(parser, home(container, true), { ordered, mark, start, loose: false }));
  block.indent = indent + found[0].length + (empty || spaces > 4 ? 1 : spaces);
  return block;
}

/**
 * @param {BlockParser} parser
 * @param {Block} parent
 * @param {ListFacts} facts
 * @returns {Block}
 */
function listFor(parser, parent, facts) {
  if (parent.type === "list") {
    if (parent.list?.ordered === facts.ordered && parent.list.mark === facts.mark) return parent;
    parent = home(parent);
  }
  const list = parser.add("list", parent);
  list.list = facts;
  return list;
}

/** @type {Record<string, Rule[]>} */
const MAY_START = {
  "|": [table],
  ":": [table],
  "-": [table, underline, rule, item],
  "=": [underline],
  ">": [quote],
  "#": [heading],
  "`": [fence],
  "~": [fence],
  "*": [rule, item],
  "_": [rule],
  "+": [item],
  "[": [note],
  $: [formula],
  "\\": [formula],
};
for (const digit of "0123456789") MAY_START[digit] = [item];
