/** `<selection-quote>`: beside selected words of the messages, the button that quotes them in the reply. */

import { html, nothing } from "../../vendor/lit.js";
import { say } from "../say.js";
import { quoteIcon } from "./later-icons.js";
import { LightElement } from "./light-element.js";
import { selectedText } from "./selection.js";

/** A selection that is still being made is left alone. */
const SETTLED_MS = 180;
const GAP_PX = 6;

/** The button. */
export class SelectionQuote extends LightElement {
  /** @override */
  static properties = { text: { state: true } };

  constructor() {
    super();
    this.text = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.settling = undefined;
    /** @type {AbortController | null} */
    this.watching = null;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.watching = new AbortController();
    const { signal } = this.watching;
    document.addEventListener("selectionchange", () => this.changed(), { signal });
    for (const name of ["scroll", "resize"]) addEventListener(name, () => this.place(), { signal, capture: true, passive: true });
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.watching?.abort();
    clearTimeout(this.settling);
  }

  /** @override */
  render() {
    if (!this.text) return nothing;
    // Pressing it must not take the selection away.
    return html`<button type="button" class="quote-button" @pointerdown=${(/** @type {Event} */ event) => event.preventDefault()} @mousedown=${(/** @type {Event} */ event) => event.preventDefault()}
      @click=${this.quote}>${quoteIcon}<span>${say("Quote in reply")}</span></button>`;
  }

  /** @override */
  updated() {
    this.place();
  }

  changed() {
    clearTimeout(this.settling);
    if (getSelection()?.isCollapsed !== false) this.text = "";
    else this.settling = setTimeout(() => (this.text = selectedText()), SETTLED_MS);
  }

  /** Below the selection's last line, inside the window. */
  place() {
    const button = this.querySelector("button");
    const selection = getSelection();
    if (!button || !selection?.rangeCount) return;
    const lines = selection.getRangeAt(0).getClientRects();
    const last = lines[lines.length - 1];
    if (!last) return;
    const { offsetWidth: width, offsetHeight: height } = button;
    button.style.left = `${Math.max(GAP_PX, Math.min(last.right - width / 2, innerWidth - width - GAP_PX))}px`;
    button.style.top = `${Math.max(GAP_PX, Math.min(last.bottom + GAP_PX, innerHeight - height - GAP_PX))}px`;
  }

  quote() {
    const { text } = this;
    this.text = "";
    getSelection()?.removeAllRanges();
    this.emit("quote", { text });
  }
}

customElements.define("selection-quote", SelectionQuote);
