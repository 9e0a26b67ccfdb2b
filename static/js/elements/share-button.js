/** `<share-button>`: sharing the conversation in view; when it is shared already, it says so and how many read it. */

import { html, nothing } from "../../vendor/lit.js";
import { openShares } from "../sharing.js";
import { markWords } from "../sharing-mark.js";
import { shareIcon } from "./later-icons.js";
import { LightElement } from "./light-element.js";

/** @import {Share} from "../sharing.js" */

/** The button. Its place is kept free before it is there. */
export class ShareButton extends LightElement {
  /** @override */
  static properties = { conversation: { attribute: false }, shares: { attribute: false } };

  constructor() {
    super();
    this.conversation = "";
    /** @type {readonly Share[] | null} */
    this.shares = null;
  }

  /** @override */
  render() {
    const open = openShares(this.shares, this.conversation);
    const words = markWords(open);
    // The words stand beside the button, not in it: it keeps its place when they come, change and go.
    return html`${open.length ? html`<label class="bar-shared" for="share-this">${words}</label>` : nothing}
      <button type="button" id="share-this" class="icon-button bar-share" data-shared=${open.length > 0} aria-label=${words} title=${words} aria-haspopup="dialog"
        @click=${() => this.emit("share-open", { conversation: this.conversation })}>${shareIcon}</button>`;
  }
}

customElements.define("share-button", ShareButton);
