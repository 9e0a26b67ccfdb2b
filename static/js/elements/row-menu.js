/** `<row-menu>`: the menu of whichever row it is asked for. One serves the whole list. */

import { html } from "../../vendor/lit.js";
import { MenuButton } from "./menu-button.js";

/** @import {MenuItem} from "./menu-button.js" */

/** A menu whose button stands elsewhere. */
export class RowMenu extends MenuButton {
  constructor() {
    super();
    /** @type {HTMLElement | null} what opened it and gets the focus back */
    this.opener = null;
    /** @type {DOMRect | null} where it was asked for, when that was not at the button */
    this.point = null;
    /** @type {(open: boolean) => void} */
    this.onToggle = () => {};
    // The key that asked for this menu asks the browser for its own, too.
    this.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  /** @override */
  render() {
    return html`${this.shown ? this.menu(this.shown) : null}`;
  }

  /**
   * @override
   * @param {Node} node
   */
  holds(node) {
    return super.holds(node) || this.opener?.contains(node) === true;
  }

  /** @override */
  get anchor() {
    return this.opener;
  }

  /** @override */
  get spot() {
    return this.point ?? super.spot;
  }

  /**
   * @param {HTMLElement} opener
   * @param {string} label
   * @param {readonly MenuItem[]} items
   * @param {{x: number, y: number} | null} [point] of the pointer, in the window
   */
  openFor(opener, label, items, point = null) {
    this.opener = opener;
    this.label = label;
    this.items = items;
    this.point = point && new DOMRect(point.x, point.y, 0, 0);
    this.onToggle(true);
    void this.open();
  }

  /**
   * @override
   * @param {{focus?: boolean}} [options]
   */
  close(options) {
    if (this.shown) this.onToggle(false);
    super.close(options);
  }
}

customElements.define("row-menu", RowMenu);
