/** `<attach-button>`: chooses files that go with the message. */

import { html } from "../../vendor/lit.js";
import { say } from "../say.js";
import { attachIcon } from "./later-icons.js";
import { LightElement } from "./light-element.js";

/** The button, and the browser's own dialog behind it. */
export class AttachButton extends LightElement {
  /** @override */
  static properties = { pictures: { attribute: false }, refused: { attribute: false }, disabled: { attribute: false } };

  constructor() {
    super();
    /** Whether the model takes them. */
    this.pictures = true;
    /** Whether no file can come here at all, because files are kept on the server's disk. */
    this.refused = false;
    this.disabled = false;
  }

  /** @override */
  render() {
    if (this.refused) return this.button(say("Files cannot be attached: a private conversation is never written to disk"), true);
    const label = this.pictures ? say("Attach pictures, PDFs or text files") : say("Attach PDFs or text files (this model takes no pictures)");
    return html`${this.button(label, this.disabled)}
      <input type="file" multiple hidden aria-label=${label} @change=${this.chosen} />`;
  }

  /**
   * Refused, it can still be reached, so that it tells why.
   * @param {string} label
   * @param {boolean} disabled
   */
  button(label, disabled) {
    return html`<button type="button" class="icon-button" data-action="attach" aria-label=${label} title=${label}
      ?disabled=${disabled && !this.refused} aria-disabled=${this.refused} @click=${() => this.querySelector("input")?.click()}>${attachIcon}</button>`;
  }

  /** @param {Event} event */
  chosen({ target }) {
    if (!(target instanceof HTMLInputElement)) return;
    this.emit("files-add", { files: [...(target.files ?? [])] });
    target.value = ""; // the same file can be chosen again
  }
}

customElements.define("attach-button", AttachButton);
