/**
 * The DOM of a Markdown tree that grows. Its blocks stand in groups and these in sections, of which the browser lays out only
 * those in view; below them stand the footnotes.
 */

import { say } from "../say.js";
import { caretHome } from "./caret.js";
import { newShown, Patcher } from "./patch.js";

/** @import {ElementNode} from "./nodes.js" */
/** @import {Finish, Shown} from "./patch.js" */

/**
 * @typedef {object} ViewOptions
 * @property {string} [prefix] what the ids of its elements begin with: one of its own for each view in a page
 * @property {Finish} [finish]
 */

/** Blocks in a group, and groups in a section: what is out of view costs a little in every frame, and a section that is costs it once. */
const GROUP = 12;

/** The DOM of one tree, below one element. */
export class MarkdownView {
  #patcher;
  /** @type {Element | null | undefined} */
  #caret;
  /** @type {ElementNode | null} */
  #root = null;
  /** @type {Shown} */
  #top;
  /** @type {HTMLElement | null} */
  #notes = null;
  /** @type {Shown | null} */
  #shownNotes = null;

  /**
   * @param {Element} element it belongs to the view, and is empty
   * @param {ViewOptions} [options]
   */
  constructor(element, { prefix = "", finish = {} } = {}) {
    this.element = element;
    this.#patcher = new Patcher(prefix, finish);
    this.#top = { ...newShown(element), home: (at) => this.#group(at) };
  }

  /**
   * Makes the element show a tree.
   * @param {ElementNode} root as `MarkdownStream.root` gives it
   * @param {boolean} [growing] whether a caret stands at its end
   */
  show(root, growing = false) {
    if (this.#root !== root) {
      this.#top.revision = -1;
      this.#showNotes(undefined);
    }
    this.#root = root;
    this.#patcher.updateChildren(this.#top, root);
    this.#showNotes(root.notes);
    const caret = growing ? caretHome(this.#notes?.previousElementSibling ?? this.element.lastElementChild) : null;
    if (caret === this.#caret) return;
    this.#caret?.removeAttribute("data-caret");
    caret?.setAttribute("data-caret", "");
    this.#caret = caret;
  }

  /** @param {ElementNode | undefined} notes */
  #showNotes(notes) {
    if (!notes) {
      this.#notes?.remove();
      this.#notes = this.#shownNotes = null;
      return;
    }
    if (!this.#notes || !this.#shownNotes) {
      this.#notes = document.createElement("section");
      this.#notes.className = "footnotes";
      this.#notes.setAttribute("aria-label", say("Footnotes"));
      const list = document.createElement("ol");
      this.#notes.append(list);
      this.element.append(this.#notes);
      this.#shownNotes = newShown(list);
    }
    this.#patcher.updateChildren(this.#shownNotes, notes);
  }

  /**
   * @param {number} at
   * @returns {Node} the group of a block
   */
  #group(at) {
    const index = Math.floor(at / GROUP);
    const section = this.#part(this.element, Math.floor(index / GROUP), index, "markdown-section");
    return this.#part(section, index % GROUP, index, "markdown-group");
  }

  /**
   * @param {Element} parent
   * @param {number} at
   * @param {number} group the first one of all is always laid out: in a short answer nothing is put off
   * @param {string} name of its class
   * @returns {Element} this part of the parent, a new one when there is none yet
   */
  #part(parent, at, group, name) {
    const there = parent.children[at];
    if (there && there !== this.#notes) return there;
    const part = document.createElement("div");
    part.className = name;
    if (group) part.classList.add("skippable");
    parent.insertBefore(part, parent === this.element ? this.#notes : null);
    return part;
  }
}
