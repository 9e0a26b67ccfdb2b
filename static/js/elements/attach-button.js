/** `<attach-button>`: chooses files that go with the message. */

import { html } from "../../vendor/lit.js";
import { attachIcon } from "./later-icons.js";
import { LightElement } from "./light-element.js";

/** The button, and the browser's own dialog behind it. */
export class AttachButton extends LightElement {
  /** @override */
  static properties = { pictures: { attribute: false }, disabled: { attribute: false } };

  constructor() {
    super();
    /** Whether the model takes them. */
    this.pictures = true;
    this.disabled = false;
  }

  /** @override */
  render() {
    const label = this.pictures ? "Attach pictures or text files" : "Attach text files (this model takes no pictures)";
    return html`<button type="button" class="icon-button" data-action="attach" aria-label=${label} title=${label}
        ?disabled=${this.disabled} @click=${() => this.querySelector("input")?.click()}>${attachIcon}</button>
      <input type="file" multiple hidden aria-label=${label} @change=${this.chosen} />`;
  }

  /** @param {Event} event */
  chosen({ target }) {
    if (!(target instanceof HTMLInputElement)) return;
    this.emit("files-add", { files: [...(target.files ?? [])] });
    target.value = ""; // the same file can be chosen again
  }
}

customElements.define("attach-button", AttachButton);
