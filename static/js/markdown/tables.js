/** The rows of GFM tables as text. No DOM, no I/O. */

/** @import {Align} from "./block.js" */

/** Cells that rows may leave out, in one table: more would be an attack on memory. */
export const MISSING_LIMIT = 65_536;

/** Wider tables are text: laying one out would take seconds. */
export const COLUMN_LIMIT = 200;

/**
 * The cells of a row.
 * @param {string} row
 * @returns {string[]}
 */
export function cells(row) {
  const text = row.trim();
  /** @type {string[]} */
  const found = [];
  let cell = "";
  let from = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const escaped = text[at - 1] === "\\";
    if (at < text.length && text[at] !== "|") continue;
    if (at < text.length && escaped) {
      cell += text.slice(from, at - 1);
      from = at;
      continue;
    }
    cell += text.slice(from, at);
    found.push(cell.trim());
    cell = "";
    from = at + 1;
  }
  if (found[0] === "" && text.startsWith("|")) found.shift();
  if (found.at(-1) === "") found.pop();
  return found;
}

/**
 * The alignments that a line under a table's head gives, or null when it is no such line.
 * @param {string} line
 * @returns {Align[] | null}
 */
export function alignments(line) {
  const text = line.trim();
  if (text.length < 2 || !/^[|:-][|:\s-]*$/.test(text) || /^-\s/.test(text)) return null;
  const parts = text.split("|");
  if (!parts[0]?.trim()) parts.shift();
  if (parts.length > 0 && !parts.at(-1)?.trim()) parts.pop();
  /** @type {Align[]} */
  const aligns = [];
  for (const part of parts) {
    const mark = part.trim();
    if (!/^:?-+:?$/.test(mark)) return null;
    const right = mark.endsWith(":");
    aligns.push(mark.startsWith(":") ? (right ? "center" : "left") : right ? "right" : undefined);
  }
  return aligns.length > 0 && aligns.length <= COLUMN_LIMIT ? aligns : null;
}
