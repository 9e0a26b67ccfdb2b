/**
 * A Markdown tree → DOM, patched in place: what did not change keeps its nodes, and with them the reader's
 * selection, focus and scroll position. Only `createElement` and text nodes; no HTML strings.
 *
 * Each tree node makes exactly one DOM node, so the two are compared by index.
 */

/** @import {CodeBlockNode, ElementNode, LinkNode, PictureLinkNode, TaskNode, TreeNode} from "../markdown.js" */

/**
 * Makes the children of `parent` show `after`; they show `before` now.
 * @param {Node} parent
 * @param {readonly TreeNode[]} before
 * @param {readonly TreeNode[]} after
 */
export function patch(parent, before, after) {
  after.forEach((node, index) => {
    const old = before[index];
    const dom = parent.childNodes[index];
    if (!dom) parent.appendChild(create(node));
    else if (!old || !update(dom, old, node)) parent.replaceChild(create(node), dom);
  });
  while (parent.childNodes.length > after.length) parent.lastChild?.remove();
}

/**
 * Changes a DOM node in place, where that is possible.
 * @param {ChildNode} dom
 * @param {TreeNode} old
 * @param {TreeNode} node
 * @returns {boolean} false when it has to be made anew
 */
function update(dom, old, node) {
  if (old.kind === "text" && node.kind === "text") {
    setText(dom, old.text, node.text);
    return true;
  }
  if (old.kind === "code-block" && node.kind === "code-block" && dom instanceof HTMLElement) {
    updateCodeBlock(dom, old, node);
    return true;
  }
  if (old.kind === "element" && node.kind === "element" && sameElement(old, node)) {
    patch(inner(dom), old.children, node.children);
    return true;
  }
  if (old.kind === "link" && node.kind === "link" && old.href === node.href && old.title === node.title) {
    patch(dom, old.children, node.children);
    return true;
  }
  // What is left is small and has no children: new when anything differs.
  return old.kind === node.kind && old.kind !== "link" && old.kind !== "element" && JSON.stringify(old) === JSON.stringify(node);
}

/**
 * @param {ElementNode} old
 * @param {ElementNode} node
 */
function sameElement(old, node) {
  return old.tag === node.tag && old.start === node.start && old.align === node.align && old.level === node.level;
}

/**
 * Appending keeps a selection inside the text; setting it anew would not.
 * @param {Node} dom
 * @param {string} before
 * @param {string} after
 */
function setText(dom, before, after) {
  if (before === after || !(dom instanceof Text)) return;
  if (after.startsWith(before)) dom.appendData(after.slice(before.length));
  else dom.data = after;
}

/**
 * @param {TreeNode} node
 * @returns {Node}
 */
function create(node) {
  switch (node.kind) {
    case "text":
      return document.createTextNode(node.text);
    case "element":
      return createElement(node);
    case "link":
      return createLink(node);
    case "picture": {
      const picture = document.createElement("img");
      picture.src = node.src;
      picture.alt = node.alt;
      return picture;
    }
    case "picture-link":
      return createPictureLink(node);
    case "code-block":
      return createCodeBlock(node);
    case "task":
      return createTask(node);
  }
}

/**
 * @param {ElementNode} node
 * @returns {HTMLElement}
 */
function createElement(node) {
  const element = document.createElement(node.tag);
  if (element instanceof HTMLOListElement && node.start !== undefined && node.start !== 1) element.start = node.start;
  if (node.align) element.dataset.align = node.align;
  if (node.level) element.dataset.level = String(node.level);
  if (node.tag === "th") element.setAttribute("scope", "col");
  patch(element, [], node.children);
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
 * Where a node's children are.
 * @param {ChildNode} dom
 * @returns {Node}
 */
function inner(dom) {
  return dom instanceof HTMLElement && dom.className === "table-frame" ? (dom.firstChild ?? dom) : dom;
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
 * @param {LinkNode} node
 * @returns {HTMLElement}
 */
function createLink(node) {
  const link = document.createElement("a");
  leadAway(link, node.href);
  if (node.title) link.title = node.title;
  patch(link, [], node.children);
  return link;
}

/**
 * A picture on another host would tell that host who reads this. It is never fetched by the page.
 * @param {PictureLinkNode} node
 * @returns {HTMLElement}
 */
function createPictureLink(node) {
  const link = document.createElement("a");
  link.className = "picture-link";
  leadAway(link, node.href);
  const what = node.alt ? `“${node.alt}”` : "image";
  link.textContent = `Open ${what} from ${node.host} in a new tab`;
  return link;
}

/**
 * @param {CodeBlockNode} node
 * @returns {HTMLElement}
 */
function createCodeBlock(node) {
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
  const code = document.createElement("code");
  code.append(document.createTextNode(node.text));
  frame.append(code);
  figure.append(head, frame);
  return figure;
}

/**
 * @param {HTMLElement} figure
 * @param {CodeBlockNode} old
 * @param {CodeBlockNode} node
 */
function updateCodeBlock(figure, old, node) {
  const code = figure.querySelector("code")?.firstChild;
  if (code) setText(code, old.text, node.text);
  const language = figure.querySelector(".code-language");
  if (language && old.language !== node.language) language.textContent = node.language || "text";
}

/**
 * @param {TaskNode} node
 * @returns {HTMLElement}
 */
function createTask(node) {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.disabled = true;
  box.checked = node.done;
  box.setAttribute("aria-label", node.done ? "Done" : "Not done");
  return box;
}
