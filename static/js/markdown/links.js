/** The parts of links and of link reference definitions: label, destination, title. No DOM, no I/O. */

import { namedCharacters } from "./entities.js";

/**
 * A part that was read. `end` is the index after it, or one of the two below.
 * @typedef {{end: number, value: string}} Part
 */

/** It is none. */
export const NONE = -1;
/** The text ended inside of it: with more text it may become one. */
export const MORE = -2;

const ESCAPE_OR_ENTITY = /\\([!-/:-@[-`{-~])|&(?:#x[a-f0-9]{1,6}|#[0-9]{1,7}|[a-z][a-z0-9]{1,31});/gi;
const LABEL_LIMIT = 999;
const TITLE_LIMIT = 2_000;
const NESTING_LIMIT = 32;

/** @param {number} end @param {string} [value] @returns {Part} */
const part = (end, value = "") => ({ end, value });

/**
 * The characters of an entity or numeric reference, as in `&amp;`; undefined when there is none of this name.
 * @param {string} reference
 * @returns {string | undefined}
 */
export function decoded(reference) {
  if (reference[1] !== "#") return namedCharacters(reference.slice(1, -1));
  const hexadecimal = reference[2] === "x" || reference[2] === "X";
  const code = Number.parseInt(reference.slice(hexadecimal ? 3 : 2), hexadecimal ? 16 : 10);
  const valid = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return valid ? String.fromCodePoint(code) : "\ufffd";
}

/**
 * @param {string} text
 * @returns {string} without backslash escapes and references
 */
export function unescaped(text) {
  if (!/[\\&]/.test(text)) return text;
  return text.replace(ESCAPE_OR_ENTITY, (all, /** @type {string | undefined} */ escaped) => escaped ?? decoded(all) ?? all);
}

/**
 * What labels are compared by.
 * @param {string} label
 * @returns {string}
 */
export function normalLabel(label) {
  return label.trim().replace(/[ \t\r\n]+/g, " ").toLowerCase().toUpperCase();
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {number} the index after spaces, tabs and line ends
 */
export function skipSpace(text, at) {
  while (at < text.length && " \t\n".includes(text.charAt(at))) at += 1;
  return at;
}

/**
 * A label in brackets.
 * @param {string} text
 * @param {number} at the index of the opening bracket
 * @returns {Part}
 */
export function label(text, at) {
  if (at >= text.length) return part(MORE);
  if (text[at] !== "[") return part(NONE);
  const stop = Math.min(text.length, at + LABEL_LIMIT + 2);
  for (let end = at + 1; end < stop; end += 1) {
    const character = text[end];
    if (character === "\\") end += 1;
    else if (character === "[") return part(NONE);
    else if (character === "]") {
      const value = text.slice(at + 1, end);
      return value.trim() ? part(end + 1, value) : part(NONE);
    }
  }
  return part(stop === text.length ? MORE : NONE);
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {Part}
 */
export function destination(text, at) {
  return text[at] === "<" ? pointed(text, at) : bare(text, at);
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {Part}
 */
function pointed(text, at) {
  for (let end = at + 1; end < text.length; end += 1) {
    const character = text[end];
    if (character === "\\") end += 1;
    else if (character === "<" || character === "\n") return part(NONE);
    else if (character === ">") return part(end + 1, unescaped(text.slice(at + 1, end)));
  }
  return part(MORE);
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {Part}
 */
function bare(text, at) {
  let depth = 0;
  let end = at;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code <= 32 || code === 127) break;
    if (code === 92 && /[!-/:-@[-`{-~]/.test(text.charAt(end + 1))) end += 1;
    else if (code === 40 && (depth += 1) > NESTING_LIMIT) return part(NONE);
    else if (code === 41 && (depth -= 1) < 0) break;
  }
  if (depth > 0) return part(end >= text.length ? MORE : NONE);
  return part(end, unescaped(text.slice(at, end)));
}

/**
 * @param {string} text
 * @param {number} at the index of the opening quote
 * @returns {Part}
 */
export function title(text, at) {
  const open = text[at];
  if (open !== '"' && open !== "'" && open !== "(") return part(NONE);
  const close = open === "(" ? ")" : open;
  const stop = Math.min(text.length, at + TITLE_LIMIT);
  for (let end = at + 1; end < stop; end += 1) {
    const character = text[end];
    if (character === "\\") end += 1;
    else if (character === close) return part(end + 1, unescaped(text.slice(at + 1, end)));
    else if (character === "(" && open === "(") return part(NONE);
  }
  return part(stop === text.length ? MORE : NONE);
}

/**
 * What follows the text of an inline link, in parentheses.
 * @param {string} text
 * @param {number} at the index of the opening parenthesis
 * @returns {{end: number, href: string, title: string}}
 */
export function linkTail(text, at) {
  const start = skipSpace(text, at + 1);
  const address = destination(text, start);
  let { end } = address;
  let value = "";
  if (end >= 0) {
    const afterSpace = skipSpace(text, end);
    const named = afterSpace > end ? title(text, afterSpace) : part(NONE);
    if (named.end === MORE) end = MORE;
    else {
      value = named.value;
      end = skipSpace(text, named.end === NONE ? afterSpace : named.end);
      if (end >= text.length) end = MORE;
      else end = text[end] === ")" ? end + 1 : NONE;
    }
  }
  return { end, href: address.value, title: value };
}

/**
 * A link reference definition.
 * @typedef {object} Definition
 * @property {number} end the index of the line after it, or `NONE`, or `MORE`
 * @property {string} label
 * @property {string} href
 * @property {string} title
 * @property {boolean} titled whether it has a title, so that the next line cannot give it one
 */

/**
 * @param {string} text the text of a paragraph
 * @returns {Definition} the one that `text` begins with
 */
export function definition(text) {
  const name = label(text, 0);
  /** @param {number} end @returns {Definition} */
  const without = (end) => ({ end, label: "", href: "", title: "", titled: false });
  if (name.end < 0) return without(name.end);
  if (text[name.end] !== ":") return without(name.end >= text.length ? MORE : NONE);
  const start = skipSpace(text, name.end + 1);
  if (start >= text.length) return without(MORE);
  const address = destination(text, start);
  if (address.end < 0) return without(address.end);
  if (address.end === start) return without(NONE);
  const found = { label: name.value, href: address.value };

  const quote = skipSpace(text, address.end);
  const named = quote > address.end ? title(text, quote) : part(NONE);
  const titleEnd = named.end < 0 ? NONE : lineEnd(text, named.end);
  if (titleEnd !== NONE) return { ...found, end: titleEnd, title: named.value, titled: true };
  const end = lineEnd(text, address.end);
  return end === NONE ? without(named.end === MORE ? MORE : NONE) : { ...found, end, title: "", titled: false };
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {number} the index of the next line when nothing but white space is left on this one, else `NONE`
 */
function lineEnd(text, at) {
  while (text[at] === " " || text[at] === "\t") at += 1;
  if (at >= text.length) return at;
  return text[at] === "\n" ? at + 1 : NONE;
}
