/** Single nodes of a Markdown tree → DOM. Only `createElement` and text nodes; no HTML strings. */

import { say } from "../say.js";

/** @import {ElementNode, LinkNode, MathNode, NoteBackNode, NoteLinkNode, PictureLinkNode, PictureNode, TaskNode} from "./nodes.js" */

/** Items of a list in one part of it: of a long one, the browser lays out only the parts in view. */
const PART = 64;

/**
 * @param {ElementNode} node
 * @returns {HTMLElement} without its children; a table stands in a frame, a list among its parts
 */
export function createElement(node) {
  const element = document.createElement(node.tag);
  if (element instanceof HTMLOListElement && node.start !== undefined && node.start !== 1) element.start = node.start;
  if (node.align) element.dataset["align"] = node.align;
  if (node.level) element.dataset["level"] = String(node.level);
  if (node.tag === "th") element.setAttribute("scope", "col");
  if (node.tag === "ul" || node.tag === "ol") {
    const list = document.createElement("div");
    list.className = "list";
    list.append(element);
    return list;
  }
  return node.tag === "table" ? scroller(element) : element;
}

/**
 * @param {HTMLElement} list
 * @param {number} at the place of an item
 * @returns {Node} the part it belongs to
 */
export function listPart(list, at) {
  const index = Math.floor(at / PART);
  const there = list.children[index];
  if (there) return there;
  const part = /** @type {HTMLElement} */ (list.firstChild?.cloneNode());
  part.className = "skippable";
  if (part instanceof HTMLOListElement) part.start += index * PART;
  list.append(part);
  return part;
}

/**
 * A wide table scrolls inside itself; by keyboard too, so it takes the focus.
 * @param {HTMLElement} table
 * @returns {HTMLElement}
 */
function scroller(table) {
  const block = document.createElement("div");
  block.className = "table-block";
  const tools = document.createElement("div");
  tools.className = "table-tools";
  tools.append(createTool("copy-table", say("Copy as Markdown")), createTool("copy-csv", say("Copy as CSV")));
  const frame = document.createElement("div");
  frame.className = "table-frame";
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", say("Table"));
  frame.append(table);
  block.append(tools, frame);
  return block;
}

/**
 * A small button whose work somebody else does: it is known by its class.
 * @param {string} name
 * @param {string} label
 * @returns {HTMLButtonElement}
 */
export function createTool(name, label) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `quiet-button ${name}`;
  const text = document.createElement("span");
  text.className = "button-text";
  text.textContent = label;
  button.append(text);
  return button;
}

/**
 * Where the children of a node are.
 * @param {ChildNode} dom
 * @returns {Node}
 */
export function inner(dom) {
  const { className, firstChild, lastChild } = /** @type {HTMLElement} */ (dom);
  return (className === "list" ? firstChild : className === "table-block" && lastChild?.firstChild) || dom;
}

/**
 * @param {LinkNode} node
 * @returns {HTMLAnchorElement} without its children
 */
export function createLink(node) {
  const link = document.createElement("a");
  pointLink(link, node);
  return link;
}

/**
 * Gives a link its address, which is "" until it is known.
 * @param {HTMLAnchorElement} link
 * @param {LinkNode} node
 */
export function pointLink(link, { href, title }) {
  if (href) leadAway(link, href);
  else link.removeAttribute("href");
  if (title) link.title = title;
  else link.removeAttribute("title");
}

/**
 * @param {HTMLAnchorElement} link
 * @param {string} href
 */
function leadAway(link, href) {
  link.href = href;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow ugc";
}

/**
 * @param {PictureNode} node
 * @returns {HTMLElement} a button that opens the picture by itself, unless it stands in a link
 */
export function createPicture(node) {
  const picture = document.createElement("img");
  picture.src = node.src;
  picture.alt = node.alt;
  if (node.title) picture.title = node.title;
  if (node.inLink) return picture;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "picture-open";
  button.setAttribute("aria-label", node.alt ? say("Open “{name}” in a new tab", { name: node.alt }) : say("Open the picture in a new tab"));
  button.append(picture);
  return button;
}

/**
 * A picture on another host would tell that host who reads this. It is fetched when the reader asks for it.
 * @param {PictureLinkNode} node
 * @returns {HTMLElement}
 */
export function createPictureLink(node) {
  const { alt, host } = node;
  const button = createTool("picture-button", alt ? say("Show “{name}” from {host}", { name: alt, host }) : say("Show picture from {host}", { host }));
  button.dataset["src"] = node.href;
  button.dataset["alt"] = node.alt;
  return button;
}

/**
 * A formula, as its source.
 * @param {MathNode} node
 * @returns {HTMLElement}
 */
export function createMath(node) {
  const formula = document.createElement("span");
  formula.className = "math-source";
  formula.dir = "ltr";
  if (node.display) formula.dataset["display"] = "";
  formula.append(node.source);
  return formula;
}

/**
 * The number of a footnote, which leads to it.
 * @param {NoteLinkNode} node
 * @param {string} prefix of ids
 * @returns {HTMLElement}
 */
export function createNoteLink({ number, first }, prefix) {
  const raised = document.createElement("sup");
  const link = leadInside(`${prefix}note-${number}`, String(number), say("Footnote {number}", { number }));
  if (first) link.id = `${prefix}note-link-${number}`;
  raised.append(link);
  return raised;
}

/**
 * @param {NoteBackNode} node
 * @param {string} prefix of ids
 * @returns {HTMLElement}
 */
export function createNoteBack({ number }, prefix) {
  return leadInside(`${prefix}note-link-${number}`, "↩", say("Back to the text of footnote {number}", { number }));
}

/**
 * @param {string} id
 * @param {string} text
 * @param {string} label
 * @returns {HTMLAnchorElement}
 */
function leadInside(id, text, label) {
  const link = document.createElement("a");
  link.className = "note-link";
  link.href = `#${id}`;
  link.textContent = text;
  link.setAttribute("aria-label", label);
  return link;
}

/**
 * @param {TaskNode} node
 * @returns {HTMLElement}
 */
export function createTask(node) {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.disabled = true;
  box.checked = node.done;
  box.setAttribute("aria-label", node.done ? say("Done") : say("Not done"));
  return box;
}

/**
 * Appending keeps a selection inside the text; setting it anew would not.
 * @param {Node | null} dom
 * @param {string} text
 */
export function setText(dom, text) {
  if (!(dom instanceof Text)) return;
  const before = dom.data;
  if (before === text) return;
  if (text.startsWith(before)) dom.appendData(text.slice(before.length));
  else dom.data = text;
}
