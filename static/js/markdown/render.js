/**
 * A Markdown tree → DOM, patched in place: what did not change keeps its nodes, and with them the reader's
 * selection, focus and scroll position. Blocks stand in groups, of which the browser lays out only those in view.
 */

import {
  createCodeBlock, createCodeSpan, createElement, createLink, createPicture, createPictureLink, createTask, inner, pointLink, setText,
} from "./dom-nodes.js";

/** @import {CodeBlockNode, ElementNode, TreeNode} from "./nodes.js" */

/**
 * What is shown of a node that grows.
 * @typedef {object} Shown
 * @property {Node} inside where its children are
 * @property {TreeNode[]} nodes the children that are shown
 * @property {ChildNode[]} doms their DOM nodes
 * @property {number} settled so many of them change no more, unless the node was rewritten
 * @property {number} revision of the node when it was shown
 */

/** Blocks in a group. */
const GROUP = 32;

/** The DOM of one tree, below one element. */
export class MarkdownView {
  /** @type {WeakMap<TreeNode, Shown>} */
  #shown = new WeakMap();
  /** @type {ElementNode | null} */
  #root = null;
  /** @type {Shown} */
  #top;
  /** @type {HTMLElement[]} */
  #groups = [];
  #full = 0;

  /** @param {Element} element it belongs to the view, and is empty */
  constructor(element) {
    this.element = element;
    this.#top = newShown(element);
  }

  /**
   * Makes the element show a tree.
   * @param {ElementNode} root as `MarkdownStream.root` gives it
   */
  show(root) {
    if (this.#root !== root) this.#top.revision = -1;
    this.#root = root;
    this.#updateChildren(this.#top, root);
    const groups = Math.ceil(this.#top.doms.length / GROUP);
    while (this.#groups.length > groups) this.#groups.pop()?.remove();
    // Only what is full has a size worth remembering; an answer of a few lines is laid out at once.
    const full = Math.max(0, groups - 1);
    for (let at = this.#full; at < full; at += 1) this.#groups[at]?.classList.add("full");
    for (let at = full; at < groups; at += 1) this.#groups[at]?.classList.remove("full");
    this.#full = full;
  }

  /**
   * @param {Shown} shown
   * @param {ElementNode} node
   */
  #updateChildren(shown, { children, growth }) {
    if (!growth || growth.revision === shown.revision) return;
    const first = growth.rewritten > shown.revision || shown.revision < 0 ? 0 : shown.settled;
    for (let at = first; at < children.length; at += 1) this.#updateChild(shown, at, /** @type {TreeNode} */ (children[at]));
    while (shown.doms.length > children.length) shown.doms.pop()?.remove();
    shown.nodes.length = children.length;
    shown.settled = growth.settled;
    shown.revision = growth.revision;
  }

  /**
   * @param {Shown} shown
   * @param {number} at
   * @param {TreeNode} node
   */
  #updateChild(shown, at, node) {
    const dom = shown.doms[at];
    const old = shown.nodes[at];
    if (dom && old && this.#update(dom, old, node)) shown.nodes[at] = node;
    else {
      const made = this.#create(node);
      if (dom) dom.replaceWith(made);
      else this.#home(shown, at).appendChild(made);
      shown.doms[at] = made;
      shown.nodes[at] = node;
    }
  }

  /**
   * @param {Shown} shown
   * @param {number} at
   * @returns {Node}
   */
  #home(shown, at) {
    if (shown !== this.#top) return shown.inside;
    const index = Math.floor(at / GROUP);
    let group = this.#groups[index];
    if (!group) {
      group = document.createElement("div");
      group.className = "markdown-group";
      this.#groups[index] = group;
      this.element.append(group);
    }
    return group;
  }

  /**
   * Changes a DOM node in place, where that is possible.
   * @param {ChildNode} dom
   * @param {TreeNode} old
   * @param {TreeNode} node
   * @returns {boolean} false when it has to be made anew
   */
  #update(dom, old, node) {
    if (node.kind === "element" && old.kind === "element" && sameElement(old, node)) {
      if (node.growth) return this.#updateGrown(dom, old, node);
      if (old !== node) this.#patch(dom, old.children, node.children);
      return true;
    }
    if (node.kind === "code-block" && old.kind === "code-block" && dom instanceof HTMLElement) return this.#updateCode(dom, old, node);
    if (old === node) return true;
    if (node.kind === "text" && old.kind === "text") {
      setText(dom, node.text);
      return true;
    }
    if (node.kind === "link" && old.kind === "link" && dom instanceof HTMLAnchorElement) {
      if (node.href !== old.href || node.title !== old.title) pointLink(dom, node);
      this.#patch(dom, old.children, node.children);
      return true;
    }
    // What is left is small and has no children: new when anything differs.
    return !("children" in node) && JSON.stringify(old) === JSON.stringify(node);
  }

  /**
   * @param {ChildNode} dom
   * @param {ElementNode} old
   * @param {ElementNode} node
   * @returns {boolean}
   */
  #updateGrown(dom, old, node) {
    const shown = this.#shown.get(old);
    if (shown?.inside !== inner(dom)) return false; // it stands elsewhere by now
    if (old !== node) {
      shown.revision = -1;
      this.#shown.delete(old);
      this.#shown.set(node, shown);
    }
    this.#updateChildren(shown, node);
    return true;
  }

  /**
   * Makes the children of `parent` show `after`; they show `before` now.
   * @param {Node} parent
   * @param {readonly TreeNode[]} before
   * @param {readonly TreeNode[]} after
   */
  #patch(parent, before, after) {
    after.forEach((node, index) => {
      const old = before[index];
      const dom = parent.childNodes[index];
      if (!dom) parent.appendChild(this.#create(node));
      else if (!old || !this.#update(dom, old, node)) parent.replaceChild(this.#create(node), dom);
    });
    while (parent.childNodes.length > after.length) parent.lastChild?.remove();
  }

  /**
   * @param {TreeNode} node
   * @returns {ChildNode}
   */
  #create(node) {
    switch (node.kind) {
      case "text":
        return document.createTextNode(node.text);
      case "element":
        return this.#createElement(node);
      case "link": {
        const link = createLink(node);
        this.#patch(link, [], node.children);
        return link;
      }
      case "picture":
        return createPicture(node);
      case "picture-link":
        return createPictureLink(node);
      case "task":
        return createTask(node);
      case "code-block": {
        const figure = createCodeBlock(node);
        this.#updateCode(figure, null, node);
        return figure;
      }
    }
  }

  /**
   * @param {ElementNode} node
   * @returns {ChildNode}
   */
  #createElement(node) {
    const element = createElement(node);
    if (node.growth) {
      const shown = newShown(inner(element));
      this.#shown.set(node, shown);
      this.#updateChildren(shown, node);
    } else this.#patch(element, [], node.children);
    return element;
  }

  /**
   * @param {HTMLElement} figure
   * @param {CodeBlockNode | null} old
   * @param {CodeBlockNode} node
   * @returns {boolean}
   */
  #updateCode(figure, old, node) {
    const code = /** @type {HTMLElement} */ (figure.querySelector("code"));
    const shown = old ? this.#shown.get(old) : newShown(code);
    if (shown?.inside !== code) return false;
    if (old === node && shown.revision === node.growth.revision) return true;
    const first = old !== node || node.growth.rewritten > shown.revision ? 0 : shown.settled;
    this.#shown.set(node, shown);
    if (old && old.language !== node.language) relabel(figure, node.language);
    for (let at = first; at < node.spans.length; at += 1) {
      const text = node.spans[at] ?? "";
      const span = shown.doms[at] ?? createCodeSpan(text);
      if (!shown.doms[at]) {
        shown.doms[at] = span;
        code.append(span);
      } else setText(span.firstChild, text);
      if (span instanceof HTMLElement) span.classList.toggle("full", at < node.spans.length - 1);
    }
    while (shown.doms.length > node.spans.length) shown.doms.pop()?.remove();
    shown.settled = node.growth.settled;
    shown.revision = node.growth.revision;
    return true;
  }
}

/**
 * @param {HTMLElement} figure
 * @param {string} language
 */
function relabel(figure, language) {
  const label = figure.querySelector(".code-language");
  if (label) label.textContent = language || "text";
}

/**
 * @param {Node} inside
 * @returns {Shown}
 */
function newShown(inside) {
  return { inside, nodes: [], doms: [], settled: 0, revision: -1 };
}

/**
 * @param {ElementNode} old
 * @param {ElementNode} node
 */
function sameElement(old, node) {
  return old.tag === node.tag && old.start === node.start && old.align === node.align && old.level === node.level;
}
