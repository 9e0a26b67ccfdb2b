/** Where the reader is on the page: at the list or the message, with the list beside the page or as a drawer over it. */

import { initialState } from "../state.js";
import { ChatComposer } from "./chat-composer.js";
import { LightElement } from "./light-element.js";

/** @import {State} from "../state.js" */

/** Below this width the list is a drawer; the style sheet says the same. */
const NARROW = "(max-width: 52rem)";

/** What the page is built on. */
export class PageFrame extends LightElement {
  /** @override */
  static properties = {
    state: { attribute: false },
    drawer: { state: true },
    narrow: { state: true },
  };

  constructor() {
    super();
    /** @type {State} */
    this.state = initialState();
    /** Whether the drawer is open, where there is one. */
    this.drawer = false;
    this.narrow = false;
    this.width = matchMedia(NARROW);
    this.measured = () => (this.narrow = this.width.matches);
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.measured();
    this.width.addEventListener("change", this.measured);
    for (const name of ["conversation-open", "conversation-new"]) this.addEventListener(name, this.moved);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.width.removeEventListener("change", this.measured);
  }

  /** @override */
  firstUpdated() {
    if (!this.narrow) void this.toComposer();
  }

  async toComposer() {
    const composer = this.querySelector("chat-composer");
    if (!(composer instanceof ChatComposer)) return;
    await composer.updateComplete;
    composer.focus();
  }

  /** A quotation is on its way into the composer: it stands there after the next painting. */
  async quoted() {
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    void this.toComposer();
  }

  /** Another conversation is in view: the drawer has done its work. */
  async moved() {
    if (this.drawer) this.close();
    await new Promise(requestAnimationFrame);
    // On a phone the focus would raise the keyboard over what the reader came to read.
    if (!this.narrow) void this.toComposer();
  }

  /** Shows the list, wherever it hides. */
  async showList() {
    if (this.narrow) return this.show();
    if (this.state.device.sidebar === "hidden") this.emit("device-change", { sidebar: "shown" });
    await new Promise(requestAnimationFrame);
    await this.updateComplete;
  }

  async toSearch() {
    await this.showList();
    this.focusOn("conversation-list input[type=search]");
  }

  async toggleSidebar() {
    if (this.narrow) return this.drawer ? this.close() : this.show();
    const hide = this.state.device.sidebar === "shown";
    const here = this.querySelector(hide ? ".sidebar" : ".bar")?.contains(document.activeElement);
    this.emit("device-change", { sidebar: hide ? "hidden" : "shown" });
    await new Promise(requestAnimationFrame);
    await this.updateComplete;
    // The button that was pressed is gone now: its opposite has the focus.
    if (here) this.focusOn(hide ? ".drawer-open" : ".sidebar-hide");
  }

  async show() {
    this.drawer = true;
    await this.updateComplete;
    this.focusOn(".drawer-close");
  }

  async close() {
    this.drawer = false;
    await this.updateComplete;
    this.focusOn(".drawer-open");
  }

  /** @param {string} selector */
  focusOn(selector) {
    const element = this.querySelector(selector);
    if (element instanceof HTMLElement) element.focus();
  }

  /** @param {KeyboardEvent} event */
  keyed({ key }) {
    if (key === "Escape" && this.narrow && this.drawer) void this.close();
  }
}
