/**
 * A Markdown tree → DOM, patched in place: what did not change keeps its nodes, and with them the reader's
 * selection, focus and scroll position.
 */

import { createCodeBlock, newShownCode, relabel, updateCodeBlock } from "./code-block.js";
import {
  createElement, createLink, createMath, createNoteBack, createNoteLink, createPicture, createPictureLink, createTask, inner, listPart, pointLink, setText,
} from "./dom-nodes.js";

/** @import {ShownCode} from "./code-block.js" */
/** @import {CodeBlockNode, ElementNode, MathNode, PictureLinkNode, TreeNode} from "./nodes.js" */

/**
 * What is done to what is complete. It may change the children of the elements it gets, and must keep their text.
 * @typedef {object} Finish
 * @property {(code: Element, language: string) => void} [code] its children are the code in parts
 * @property {(paragraph: Shown) => void} [long] a paragraph of many pieces has grown
 * @property {() => void} [formula] one has begun, and will soon be complete
 * @property {(formula: HTMLElement, text: string, display: boolean) => void} [math] it shows the formula's source;
 *   this one may replace that
 * @property {(picture: PictureLinkNode) => HTMLElement} [picture] what stands for one on another host; else a button that shows it
 */
/**
 * What is shown of a node that grows.
 * @typedef {object} Shown
 * @property {Node} inside where its children are
 * @property {((at: number) => Node)} [home] where a new child goes, when that is not `inside`
 * @property {TreeNode[]} nodes the children that are shown
 * @property {ChildNode[]} doms their DOM nodes
 * @property {number} settled so many of them change no more, unless the node was rewritten
 * @property {number} revision of the node when it was shown
 * @property {() => void} [join] its DOM nodes were moved apart: puts them where they were
 */

/**
 * In a leaf of more pieces than this, a text that grows gets a new node: to change one, the browser goes through the
 * whole leaf at once, and again at its next layout.
 */
const LONG_LEAF = 24;
/** A paragraph of more settled pieces is long. */
const LONG_PARAGRAPH = 200;

/** Makes DOM nodes show nodes of a tree. */
export class Patcher {
  /** @type {WeakMap<TreeNode, Shown>} */
  #shown = new WeakMap();
  /** @type {WeakMap<TreeNode, ShownCode>} */
  #shownCode = new WeakMap();
  /** Whether what is updated now stands far behind the beginning of its leaf. */
  #long = false;

  /**
   * @param {string} prefix what ids begin with
   * @param {Finish} finish
   */
  constructor(prefix, finish) {
    this.prefix = prefix;
    this.finish = finish;
  }

  /**
   * Makes what stands in a node show its children.
   * @param {Shown} shown
   * @param {ElementNode} node
   */
  updateChildren(shown, { tag, children, growth }) {
    if (!growth || growth.revision === shown.revision) return;
    const first = growth.rewritten > shown.revision || shown.revision < 0 ? 0 : shown.settled;
    const grows = shown.revision >= 0;
    if (first < shown.settled) shown.join?.();
    for (let at = first; at < children.length; at += 1) this.#updateChild(shown, at, /** @type {TreeNode} */ (children[at]));
    while (shown.doms.length > children.length) {
      const gone = shown.doms.pop();
      let home = gone?.parentElement;
      gone?.remove();
      while (home && home !== shown.inside && !home.hasChildNodes()) {
        const around = home.parentElement;
        home.remove();
        home = around;
      }
    }
    shown.nodes.length = children.length;
    shown.settled = growth.settled;
    shown.revision = growth.revision;
    if (grows && tag === "p" && shown.settled > LONG_PARAGRAPH) this.finish.long?.(shown);
  }

  /**
   * @param {Shown} shown
   * @param {number} at
   * @param {TreeNode} node
   */
  #updateChild(shown, at, node) {
    const dom = shown.doms[at];
    const old = shown.nodes[at];
    this.#long = at > LONG_LEAF;
    if (dom && old && this.#update(dom, old, node)) shown.nodes[at] = node;
    else {
      const made = this.#create(node);
      if (dom) dom.replaceWith(made);
      else (shown.home?.(at) ?? shown.inside).appendChild(made);
      shown.doms[at] = made;
      shown.nodes[at] = node;
    }
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
      if (this.#long && isNewText(dom, old, node)) return false;
      setText(dom, node.text);
      return true;
    }
    if (node.kind === "link" && old.kind === "link" && dom instanceof HTMLAnchorElement) {
      if (node.href !== old.href || node.title !== old.title) pointLink(dom, node);
      this.#patch(dom, old.children, node.children);
      return true;
    }
    if (node.kind === "math" && old.kind === "math" && dom instanceof HTMLElement) return this.#updateMath(dom, old, node);
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
    this.updateChildren(shown, node);
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
        return this.finish.picture?.(node) ?? createPictureLink(node);
      case "task":
        return createTask(node);
      case "note-link":
        return createNoteLink(node, this.prefix);
      case "note-back":
        return createNoteBack(node, this.prefix);
      case "math": {
        const formula = createMath(node);
        if (node.closed) this.finish.math?.(formula, node.text, node.display);
        else this.finish.formula?.();
        return formula;
      }
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
    if (node.note) {
      element.id = `${this.prefix}note-${node.note}`;
      element.tabIndex = -1;
    }
    if (node.growth) {
      const shown = newShown(inner(element));
      if (element.className === "list") shown.home = (at) => listPart(element, at);
      this.#shown.set(node, shown);
      this.updateChildren(shown, node);
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
    const shown = old ? this.#shownCode.get(old) : newShownCode(figure);
    if (!shown || !figure.contains(shown.code)) return false;
    if (old === node && shown.revision === node.growth.revision) return true;
    const wasClosed = shown.closed && old === node;
    this.#shownCode.set(node, shown);
    if (old && old.language !== node.language) relabel(figure, node.language);
    updateCodeBlock(shown, node, old !== node);
    if (node.closed && !wasClosed) this.finish.code?.(shown.code, node.language);
    return true;
  }

  /**
   * @param {HTMLElement} formula
   * @param {MathNode} old
   * @param {MathNode} node
   * @returns {boolean} false when it has to be made anew, as when its source is no longer shown
   */
  #updateMath(formula, old, node) {
    if (old.display !== node.display || (old.closed && old.source !== node.source)) return false;
    if (old.closed) return true;
    setText(formula.firstChild, node.source);
    if (node.closed) this.finish.math?.(formula, node.text, node.display);
    return true;
  }
}

/**
 * @param {ChildNode} dom
 * @param {TreeNode} old
 * @param {TreeNode} node
 * @returns {boolean} whether a text changed that nothing is selected in
 */
function isNewText(dom, old, node) {
  if (node.kind !== "text" || old.kind !== "text" || node.text === old.text) return false;
  const selection = document.getSelection();
  return !selection?.rangeCount || !selection.getRangeAt(0).intersectsNode(dom);
}

/**
 * @param {Node} inside
 * @returns {Shown}
 */
export function newShown(inside) {
  return { inside, nodes: [], doms: [], settled: 0, revision: -1 };
}

/**
 * @param {ElementNode} old
 * @param {ElementNode} node
 */
function sameElement(old, node) {
  return old.tag === node.tag && old.start === node.start && old.align === node.align && old.level === node.level && old.note === node.note;
}
