/** `<menu-button>`: a button with a menu, for any place: the menu lies above everything and stays inside the window. */

import { html, nothing } from "../../vendor/lit.js";
import { nextIcon, previousIcon } from "./icons.js";
import { doneIcon, moreIcon } from "./later-icons.js";
import { LightElement } from "./light-element.js";

/**
 * @typedef {object} MenuItem
 * @property {string} label
 * @property {unknown} [icon] one of `icons.js`
 * @property {() => void} [action] what choosing it does; the menu is closed by then and its button has the focus
 * @property {readonly MenuItem[]} [items] instead of an action: a menu that takes the place of this one
 * @property {boolean} [checked] given for one of several: whether it is the present one
 * @property {boolean} [disabled]
 * @property {boolean} [danger]
 */

/** Between the menu and its button, and the window's edges. */
const GAP_PX = 4;
const MOVES = new Map([["ArrowDown", 1], ["ArrowUp", -1]]);

let made = 0;

/** The button and its menu. */
export class MenuButton extends LightElement {
  /** @override */
  static properties = {
    items: { attribute: false },
    label: { attribute: false },
    icon: { attribute: false },
    text: { attribute: false },
    shape: { attribute: false },
    disabled: { attribute: false },
    shown: { state: true },
  };

  constructor() {
    super();
    /** @type {readonly MenuItem[] | (() => readonly MenuItem[])} a function is asked each time the menu opens */
    this.items = [];
    /** The name of the button and of its menu. */
    this.label = "";
    /** @type {unknown} */
    this.icon = moreIcon;
    /** Words on the button, beside its icon. */
    this.text = "";
    /** @type {"icon-button" | "quiet-button"} */
    this.shape = "icon-button";
    this.disabled = false;
    /** @type {readonly MenuItem[] | null} the items while the menu is open */
    this.shown = null;
    /** @type {{label: string, items: readonly MenuItem[]} | null} the menu that the shown one took the place of */
    this.above = null;
    this.name = `menu-${(made += 1)}`;
    /** @type {AbortController | null} ends what is listened to while the menu is open */
    this.watching = null;
  }

  /**
   * @override
   * @returns {unknown}
   */
  render() {
    return html`
      <button type="button" class=${`${this.shape} menu-toggle`} aria-label=${this.label} title=${this.label} aria-haspopup="menu" aria-expanded=${this.shown !== null}
        aria-controls=${this.shown ? this.name : nothing} ?disabled=${this.disabled} @click=${this.toggle} @keydown=${this.buttonKeyed}>
        ${this.icon}${this.text ? html`<span class="button-text">${this.text}</span>` : nothing}
      </button>
      ${this.shown ? this.menu(this.shown) : nothing}
    `;
  }

  /** @param {readonly MenuItem[]} items */
  menu(items) {
    const { above } = this;
    return html`<div id=${this.name} class="menu" popover="manual" role="menu" aria-label=${above ? above.label : this.label} @keydown=${this.menuKeyed} @focusout=${this.left}>
      ${above ? html`<button type="button" class="menu-item menu-back" role="menuitem" tabindex="-1" @click=${this.back}>${previousIcon}<span>${above.label}</span></button>` : nothing}
      ${items.map((item) => this.item(item))}
    </div>`;
  }

  /** @param {MenuItem} item */
  item(item) {
    const { label, icon, checked, disabled = false, danger = false, items } = item;
    return html`<button type="button" class=${danger ? "menu-item danger" : "menu-item"} role=${checked === undefined ? "menuitem" : "menuitemradio"} tabindex="-1"
      aria-checked=${checked ?? nothing} aria-haspopup=${items ? "menu" : nothing} aria-disabled=${disabled ? "true" : nothing}
      @click=${() => this.choose(item)}>${icon ?? nothing}<span class="menu-label" dir="auto">${label}</span>${items ? nextIcon : checked ? doneIcon : nothing}</button>`;
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.watching?.abort();
    this.shown = null;
  }

  toggle() {
    if (this.shown) this.close();
    else void this.open();
  }

  /** @param {"first" | "last"} [focus] which item gets the focus */
  async open(focus = "first") {
    this.above = null;
    this.shown = typeof this.items === "function" ? this.items() : this.items;
    await this.updateComplete;
    const menu = this.panel;
    if (!menu) return;
    // Without popovers the menu stands where the style sheet puts it.
    if ("showPopover" in menu) menu.showPopover();
    this.watch();
    this.place();
    this.focusItem(focus === "first" ? 0 : -1);
  }

  /** Closes the menu. @param {{focus?: boolean}} [options] whether the button gets the focus */
  close({ focus = true } = {}) {
    if (!this.shown) return;
    this.shown = null;
    this.watching?.abort();
    if (focus) this.anchor?.focus({ preventScroll: true });
  }

  watch() {
    this.watching?.abort();
    this.watching = new AbortController();
    const { signal } = this.watching;
    const outside = (/** @type {Event} */ { target }) => target instanceof Node && !this.holds(target) && this.close({ focus: false });
    document.addEventListener("pointerdown", outside, { signal, capture: true });
    for (const name of ["scroll", "resize"]) addEventListener(name, () => this.place(), { signal, capture: true, passive: true });
  }

  /** Below the button, or above it where there is more room; never outside of the window. */
  place() {
    const menu = this.panel;
    const at = this.spot;
    if (!menu || !at || !("showPopover" in menu)) return;
    const { offsetWidth: width, offsetHeight: height } = menu;
    const below = innerHeight - at.bottom >= height + 2 * GAP_PX || innerHeight - at.bottom >= at.top;
    const rtl = getComputedStyle(this).direction === "rtl";
    const roomAtStart = rtl ? at.right : innerWidth - at.left;
    const fromLeft = roomAtStart >= width + GAP_PX ? !rtl : rtl;
    const left = fromLeft ? at.left : at.right - width;
    menu.style.left = `${Math.max(GAP_PX, Math.min(left, innerWidth - width - GAP_PX))}px`;
    menu.style.top = `${Math.max(GAP_PX, Math.min(below ? at.bottom + GAP_PX : at.top - height - GAP_PX, innerHeight - height - GAP_PX))}px`;
  }

  /** @returns {HTMLElement | null} the button, which gets the focus back */
  get anchor() {
    return this.querySelector("button");
  }

  /**
   * @param {Node} node
   * @returns {boolean} whether it belongs to the menu or its button
   */
  holds(node) {
    return this.contains(node);
  }

  /** @returns {DOMRect | null} what the menu stands beside */
  get spot() {
    return this.anchor?.getBoundingClientRect() ?? null;
  }

  /** @returns {HTMLElement | null} the menu */
  get panel() {
    return this.querySelector(".menu");
  }

  /** @returns {HTMLElement[]} */
  get entries() {
    return [...this.querySelectorAll(".menu-item")].filter((entry) => entry instanceof HTMLElement);
  }

  /** @param {number} at counted from the end when negative */
  focusItem(at) {
    this.entries.at(at)?.focus();
  }

  /** @param {MenuItem} item */
  choose({ label, action, items, disabled }) {
    if (disabled) return;
    if (items) void this.replace(items, { label, items: this.shown ?? [] }, 1);
    else {
      this.close();
      action?.();
    }
  }

  back() {
    const { above } = this;
    if (above) void this.replace(above.items, null, Math.max(0, above.items.findIndex(({ label }) => label === above.label)));
  }

  /**
   * @param {readonly MenuItem[]} items
   * @param {{label: string, items: readonly MenuItem[]} | null} above
   * @param {number} focus
   */
  async replace(items, above, focus) {
    this.above = above;
    this.shown = items;
    await this.updateComplete;
    this.place();
    this.focusItem(focus);
  }

  /** @param {KeyboardEvent} event */
  buttonKeyed(event) {
    if (this.shown || !MOVES.has(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    void this.open(event.key === "ArrowDown" ? "first" : "last");
  }

  /** @param {KeyboardEvent} event */
  menuKeyed(event) {
    if (event.key === "Tab") return this.close(); // and the focus goes on from the button
    const { entries } = this;
    const at = entries.findIndex((entry) => entry === document.activeElement);
    const to = this.target(event, entries, at);
    if (to === null && event.key !== "Escape" && event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    event.stopPropagation(); // what is around has closed by the same key, or scrolled
    if (to !== null) entries.at(to)?.focus();
    else if (event.key === "Escape") this.close();
    else if (event.key === "ArrowLeft") this.back();
    else if (entries[at]?.getAttribute("aria-haspopup")) entries[at]?.click();
  }

  /**
   * @param {KeyboardEvent} event
   * @param {readonly HTMLElement[]} entries
   * @param {number} at
   * @returns {number | null} the item a key leads to
   */
  target(event, entries, at) {
    if (event.key === "Home") return 0;
    if (event.key === "End") return -1;
    const move = MOVES.get(event.key);
    if (move) return (at + move) % entries.length;
    if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.metaKey || event.altKey) return null;
    const letter = event.key.toLocaleLowerCase();
    const order = entries.map((_, step) => (at + 1 + step) % entries.length);
    return order.find((index) => entries[index]?.textContent?.trim().toLocaleLowerCase().startsWith(letter)) ?? null;
  }

  /** @param {FocusEvent} event */
  left({ relatedTarget }) {
    if (relatedTarget instanceof Node && !this.holds(relatedTarget)) this.close({ focus: false });
  }
}

customElements.define("menu-button", MenuButton);
