/** `<undo-notice>`: says what was just done to conversations, and takes it back: for a while, or as long as somebody is at it. */

import { html, nothing } from "../../vendor/lit.js";
import { say } from "../say.js";
import { closeIcon } from "./icons.js";
import { LightElement } from "./light-element.js";

/** @import {Undo} from "../state/conversations.js" */

/** It stays this long. The server could bring things back for longer: a click in the last moment still counts. */
const STAYS_MS = 10_000;
const FIELDS = "input:not([type=checkbox]), textarea, select, [contenteditable]";

/** The sentence with its buttons. */
export class UndoNotice extends LightElement {
  /** @override */
  static properties = { undo: { attribute: false } };

  constructor() {
    super();
    /** @type {Undo | null} */
    this.undo = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** Whether the pointer or the focus is at it. */
    this.held = { pointer: false, focus: false };
    this.pressed = this.keyed.bind(this);
    this.addEventListener("pointerenter", () => this.hold({ pointer: true }));
    this.addEventListener("pointerleave", () => this.hold({ pointer: false }));
    this.addEventListener("focusin", () => this.hold({ focus: true }));
    this.addEventListener("focusout", () => this.hold({ focus: false }));
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.setAttribute("role", "status"); // there before its text is, so that the text is read out
    document.addEventListener("keydown", this.pressed);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    document.removeEventListener("keydown", this.pressed);
  }

  /** @override */
  render() {
    if (!this.undo) return nothing;
    return html`<div class="undo">
      <p dir="auto">${this.undo.message}</p>
      <button type="button" class="text-button" @click=${() => this.emit("undo", null)}>${say("Undo")}</button>
      <button type="button" class="icon-button" aria-label=${say("Dismiss")} title=${say("Dismiss")} @click=${this.dismiss}>${closeIcon}</button>
    </div>`;
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  updated(changes) {
    if (!changes.has("undo")) return;
    // What was under the pointer or had the focus went without a word of it.
    if (!this.undo) this.held = { pointer: false, focus: false };
    this.begin();
  }

  /** @param {Partial<{pointer: boolean, focus: boolean}>} news */
  hold(news) {
    this.held = { ...this.held, ...news };
    this.begin();
  }

  /** Begins to count, from the start. */
  begin() {
    clearTimeout(this.timer);
    if (this.undo && !this.held.pointer && !this.held.focus) this.timer = setTimeout(() => this.dismiss(), STAYS_MS);
  }

  dismiss() {
    this.emit("undo-dismiss", null);
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    const asked = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    if (!this.undo || !asked || event.isComposing || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.matches(FIELDS)) return; // there it takes back what was typed
    event.preventDefault();
    this.emit("undo", null);
  }
}

customElements.define("undo-notice", UndoNotice);
