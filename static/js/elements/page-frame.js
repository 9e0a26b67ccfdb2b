/** Where the reader is on the page: at the list or the message, with the list beside the page or as a drawer over it. */

import { initialState } from "../state.js";
import { ChatComposer } from "./chat-composer.js";
import { LightElement } from "./light-element.js";

/** @import {State} from "../state.js" */

/** Below this width the list is a drawer; the style sheet says the same. */
const NARROW = "(max-width: 52rem)";
/** What is brought back is waited for this many frames. */
const MOST_FRAMES = 120;

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
    this.addEventListener("undo", this.undone);
    this.addEventListener("undo-dismiss", this.dismissed);
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

  /** Whether the focus is at the word about what can be taken back: it goes with its buttons. */
  get atUndo() {
    return this.querySelector("undo-notice")?.contains(document.activeElement) === true;
  }

  dismissed() {
    if (this.atUndo) this.toWork();
  }

  /** The focus goes to what is brought back: the conversation in view, or its row. */
  undone() {
    if (!this.atUndo) return;
    const { undo, open, device } = this.state;
    const listed = this.narrow ? this.drawer : device.sidebar === "shown";
    const inView = !this.drawer && open.status === "new" && (undo?.reopen ?? null) !== null;
    if (undo && listed && !inView) void this.toRow(undo.ids[0] ?? "");
    else this.toWork();
  }

  /** @param {string} id a conversation whose row is still to come */
  async toRow(id) {
    for (let frame = 0; frame < MOST_FRAMES; frame += 1) {
      await new Promise(requestAnimationFrame);
      const { activeElement } = document;
      if (activeElement !== document.body && !this.atUndo) return; // the reader has gone on
      const row = this.querySelector(`.row[data-id="${CSS.escape(id)}"] a.row-link`);
      if (row instanceof HTMLElement) return row.focus();
    }
    this.toWork();
  }

  /** The focus goes where the reader goes on: to the message, or to the list while that is all there is. */
  toWork() {
    if (!this.narrow) void this.toComposer();
    else if (this.drawer) this.focusOn("conversation-list a.row-link[tabindex='0']", ".drawer-close");
    else this.focusOn(".drawer-open");
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

  /**
   * The first of these that there is.
   * @param {string[]} selectors
   */
  focusOn(...selectors) {
    const element = selectors.map((selector) => this.querySelector(selector)).find((one) => one !== null);
    if (element instanceof HTMLElement) element.focus();
  }

  /** @param {KeyboardEvent} event */
  keyed({ key }) {
    if (key === "Escape" && this.narrow && this.drawer) void this.close();
  }
}
