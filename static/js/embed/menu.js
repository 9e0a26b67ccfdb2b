/** A small menu below a button, by the keys that menus have. */

import { icon, iconButton, make } from "./drawing.js";

/** @import {Shape} from "./drawing.js" */

/** @typedef {{name: string, shape: Shape, label: string, action: () => void}} Item */

/** Button and menu in one element. */
export class Menu {
  element = make("div", "embed-menu");
  #items;
  #list = make("div", "embed-menu-list");
  #button;

  /**
   * @param {string} label
   * @param {() => readonly Item[]} items asked when it opens
   */
  constructor(label, items) {
    this.#items = items;
    this.#button = iconButton("menu", label, () => (this.open ? this.close() : this.show()));
    this.#button.setAttribute("aria-haspopup", "menu");
    this.#button.setAttribute("aria-expanded", "false");
    this.#list.setAttribute("role", "menu");
    this.#list.setAttribute("aria-label", label);
    this.#list.hidden = true;
    this.element.append(this.#button, this.#list);
    this.#list.addEventListener("keydown", (event) => this.#keyed(event));
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node) || !this.element.contains(relatedTarget)) this.close();
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (!(target instanceof Node) || !this.element.contains(target)) this.close();
    });
  }

  get open() {
    return !this.#list.hidden;
  }

  show() {
    this.#list.replaceChildren(...this.#items().map((item) => this.#entry(item)));
    this.#list.hidden = false;
    this.#button.setAttribute("aria-expanded", "true");
    this.#focus(0);
  }

  /** @param {boolean} [back] whether the focus goes back to the button */
  close(back = false) {
    if (!this.open) return;
    this.#list.hidden = true;
    this.#button.setAttribute("aria-expanded", "false");
    if (back) this.#button.focus();
  }

  /** @param {Item} item */
  #entry({ name, shape, label, action }) {
    const entry = make("button", "embed-menu-item", icon(shape), make("span", "", label));
    entry.type = "button";
    entry.tabIndex = -1;
    entry.dataset["action"] = name;
    entry.setAttribute("role", "menuitem");
    entry.addEventListener("click", () => {
      this.close(true);
      action();
    });
    return entry;
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    const entries = [...this.#list.children];
    const at = entries.findIndex((entry) => entry === document.activeElement);
    if (event.key === "ArrowDown") this.#focus((at + 1) % entries.length);
    else if (event.key === "ArrowUp") this.#focus((at - 1 + entries.length) % entries.length);
    else if (event.key === "Home") this.#focus(0);
    else if (event.key === "End") this.#focus(entries.length - 1);
    else if (event.key === "Tab") return this.close();
    else return;
    event.preventDefault();
  }

  /** @param {number} at */
  #focus(at) {
    const entry = this.#list.children[at];
    if (entry instanceof HTMLElement) entry.focus();
  }
}
