/** `<private-bar>`: says that a conversation is private, and what that means, and ends it. */

import { html } from "../../vendor/lit.js";
import { say } from "../say.js";
import { privateIcon } from "./icons.js";
import { LightElement } from "./light-element.js";
import { ParleyApp } from "./parley-app.js";

/** The bar, over the messages of a private conversation. */
export class PrivateBar extends LightElement {
  /** @override */
  static properties = { begun: { attribute: false } };

  constructor() {
    super();
    /** Whether there is something to end. */
    this.begun = false;
    /** @type {Element | null} the page it stands in */
    this.app = null;
  }

  /** @override */
  render() {
    const words = this.begun
      ? say("Private: kept in the server's memory only, never written to disk. It is gone when you close it, and a day after its last message.")
      : say("Private: what you write here is kept in the server's memory only, never written to disk.");
    return html`<div class="private-bar" role="group" aria-label=${say("Private conversation")}>
      ${privateIcon}<p>${words}</p>
      <button type="button" class="quiet-button outlined" @click=${this.pressed}>${this.begun ? say("Close and forget") : say("Not private")}</button>
    </div>`;
  }

  pressed() {
    if (this.begun) this.emit("private-close", null);
    else this.emit("private-switch", null);
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.app = this.closest("parley-app");
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    // With the bar, or the composer that gave way for a moment, the focus has gone as well.
    setTimeout(() => document.activeElement === document.body && this.app instanceof ParleyApp && this.app.toWork());
  }
}

customElements.define("private-bar", PrivateBar);
