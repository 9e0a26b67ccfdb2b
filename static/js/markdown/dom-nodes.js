/** Single nodes of a Markdown tree → DOM. Only `createElement` and text nodes; no HTML strings. */

/** @import {CodeBlockNode, ElementNode, LinkNode, PictureLinkNode, PictureNode, TaskNode} from "./nodes.js" */

/**
 * @param {ElementNode} node
 * @returns {HTMLElement} without its children; a table stands in a frame
 */
export function createElement(node) {
  const element = document.createElement(node.tag);
  if (element instanceof HTMLOListElement && node.start !== undefined && node.start !== 1) element.start = node.start;
  if (node.align) element.dataset["align"] = node.align;
  if (node.level) element.dataset["level"] = String(node.level);
  if (node.tag === "th") element.setAttribute("scope", "col");
  return node.tag === "table" ? scroller(element) : element;
}

/**
 * A wide table scrolls inside itself; by keyboard too, so it takes the focus.
 * @param {HTMLElement} table
 * @returns {HTMLElement}
 */
function scroller(table) {
  const frame = document.createElement("div");
  frame.className = "table-frame";
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", "Table");
  frame.append(table);
  return frame;
}

/**
 * Where the children of a node are.
 * @param {ChildNode} dom
 * @returns {Node}
 */
export function inner(dom) {
  return dom instanceof HTMLElement && dom.className === "table-frame" ? (dom.firstChild ?? dom) : dom;
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
 * @returns {HTMLElement}
 */
export function createPicture(node) {
  const picture = document.createElement("img");
  picture.src = node.src;
  picture.alt = node.alt;
  if (node.title) picture.title = node.title;
  return picture;
}

/**
 * A picture on another host would tell that host who reads this. It is never fetched by the page.
 * @param {PictureLinkNode} node
 * @returns {HTMLElement}
 */
export function createPictureLink(node) {
  const link = document.createElement("a");
  link.className = "picture-link";
  leadAway(link, node.href);
  const what = node.alt ? `“${node.alt}”` : "image";
  link.textContent = `Open ${what} from ${node.host} in a new tab`;
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
  box.setAttribute("aria-label", node.done ? "Done" : "Not done");
  return box;
}

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
  const copy = document.createElement("button");
  copy.type = "button";
  copy.className = "quiet-button copy-code";
  const label = document.createElement("span");
  label.className = "button-text";
  label.textContent = "Copy code";
  copy.append(label);
  head.append(language, copy);
  const frame = document.createElement("pre");
  frame.tabIndex = 0;
  frame.dir = "ltr";
  frame.append(document.createElement("code"));
  figure.append(head, frame);
  return figure;
}

/**
 * A piece of long code: laid out by itself once it is full.
 * @param {string} text
 * @returns {HTMLElement}
 */
export function createCodeSpan(text) {
  const span = document.createElement("span");
  span.className = "code-lines";
  span.append(text);
  return span;
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
