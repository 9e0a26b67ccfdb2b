/** What begins a block that CommonMark and GFM do not have: footnotes, and formulas that stand by themselves. No DOM, no I/O. */

import { DEPTH_LIMIT, home } from "./block.js";
import { mayBeginFormula } from "./formulas.js";
import { trimmed } from "./line.js";
import { noteDefinition } from "./notes.js";

/** @import {Rule} from "./block-starts.js" */

/** @type {Rule} */
export function note(parser, line, container) {
  const found = noteDefinition(line.rest);
  if (!found || container.depth >= DEPTH_LIMIT) return null;
  line.skipSpace();
  line.skip(found.length);
  const block = parser.add("note", home(container));
  block.indent = 4;
  parser.references.notes.define(found.label, block, parser.journal);
  return block;
}

/**
 * A formula that stands by itself: it begins with its mark and, on this line or a later one, ends with the other.
 * @type {Rule}
 */
export function formula(parser, line, container) {
  const text = trimmed(line.rest);
  const end = text.startsWith("$") ? "$$" : "\\]";
  const rest = text.slice(2);
  const at = rest.indexOf(end);
  const whole = at > 0 && at === rest.length - 2;
  if (!mayBeginFormula(line.rest) || rest.startsWith("$") || (at >= 0 && !whole)) return null;
  if (end === "$$" ? whole && !rest.slice(0, at).trim() : !isFormula(rest, whole)) return null;
  const block = parser.add("math", home(container));
  block.mathEnd = end;
  block.text.append(text, parser.journal);
  if (whole) parser.endFormula(block);
  return block;
}

/**
 * Whether what follows an escaped bracket can be a formula: it says something, and is no link's text.
 * @param {string} rest of the line
 * @param {boolean} whole whether it ends on this line
 */
function isFormula(rest, whole) {
  return whole ? /[\p{L}\p{N}]/u.test(rest) : rest === "" || (!rest.includes("]") && /[\\^_=]/.test(rest));
}
