/** Code blocks → DOM: a head with buttons, and the code in parts of some lines, of which those in view are laid out. */

import { say } from "../say.js";
import { createTool, setText } from "./dom-nodes.js";

/** @import {CodeBlockNode} from "./nodes.js" */

/**
 * What is shown of a code block.
 * @typedef {object} ShownCode
 * @property {HTMLElement} code
 * @property {HTMLElement[]} parts
 * @property {number} settled so many of them change no more, unless the block was rewritten
 * @property {number} revision of the node when it was shown; -1 before that
 * @property {boolean} closed whether it was complete then
 */

/**
 * @param {CodeBlockNode} node
 * @returns {HTMLElement} without its code
 */
export function createCodeBlock(node) {
  const figure = document.createElement("figure");
  figure.className = "code-block";
  const head = document.createElement("figcaption");
  const language = document.createElement("span");
  language.className = "code-language";
  language.textContent = node.language || "text";
  head.append(language, wrapTool(), createTool("save-code", say("Download")), createTool("copy-code", say("Copy code")));
  const frame = document.createElement("pre");
  frame.tabIndex = 0;
  frame.dir = "ltr";
  frame.append(document.createElement("code"));
  figure.append(head, frame);
  return figure;
}

/**
 * Which of its two labels it has says the style sheet, as it says whether the lines are wrapped.
 * @returns {HTMLButtonElement}
 */
function wrapTool() {
  const button = createTool("wrap-code", say("Wrap"));
  const label = button.firstElementChild;
  label?.classList.add("when-straight");
  const other = document.createElement("span");
  other.className = "button-text when-wrapped";
  other.textContent = say("Unwrap");
  button.append(other);
  return button;
}

/**
 * @param {HTMLElement} figure
 * @returns {ShownCode}
 */
export function newShownCode(figure) {
  const code = /** @type {HTMLElement} */ (figure.querySelector("code"));
  return { code, parts: [], settled: 0, revision: -1, closed: false };
}

/**
 * Brings a code block up to date.
 * @param {ShownCode} shown
 * @param {CodeBlockNode} node
 * @param {boolean} anew whether another node was shown before
 */
export function updateCodeBlock(shown, node, anew) {
  const { code, parts } = shown;
  const first = anew || node.growth.rewritten > shown.revision ? 0 : shown.settled;
  for (let at = first; at < node.spans.length; at += 1) {
    const text = node.spans[at] ?? "";
    const part = parts[at];
    if (part) setCode(part, text);
    else code.append((parts[at] = createPart(text)));
    parts[at]?.classList.toggle("full", at < node.spans.length - 1);
  }
  while (parts.length > node.spans.length) parts.pop()?.remove();
  shown.settled = node.growth.settled;
  shown.revision = node.growth.revision;
  shown.closed = node.closed;
}

/**
 * @param {string} text
 * @returns {HTMLElement}
 */
function createPart(text) {
  const part = document.createElement("span");
  part.className = "code-lines";
  part.append(text);
  return part;
}

/**
 * Sets the text of a part, which may have got colours when the block seemed to be complete.
 * @param {HTMLElement} part
 * @param {string} text
 */
function setCode(part, text) {
  const { firstChild, childNodes } = part;
  if (childNodes.length === 1 && firstChild instanceof Text) setText(firstChild, text);
  else if (part.textContent !== text) part.textContent = text;
}

/**
 * @param {HTMLElement} figure
 * @param {string} language
 */
export function relabel(figure, language) {
  const label = figure.querySelector(".code-language");
  if (label) label.textContent = language || "text";
}
