/** `<site-notice>`: why nothing can be asked at this site just now: its owner has closed it, or the visitor is signed out. */

import { html, nothing } from "../../vendor/lit.js";
import { say } from "../say.js";
import { LightElement } from "./light-element.js";

/** @import {Site} from "../state.js" */

/** The notice, above the composer. */
export class SiteNotice extends LightElement {
  /** @override */
  static properties = { site: { attribute: false } };

  constructor() {
    super();
    /** @type {Site | null} */
    this.site = null;
  }

  /** @override */
  render() {
    const { site } = this;
    if (!site) return nothing;
    return html`<div class="site-notice" role="status">
      ${site.kind === "closed" ? html`<p><strong>${say("This site is closed just now.")}</strong> <span dir="auto">${site.words}</span></p>` : this.signedOut()}
    </div>`;
  }

  signedOut() {
    return html`<p>${say("You are signed out of this site. What you have written is kept.")}</p>
      <button type="button" class="quiet-button outlined" @click=${() => location.reload()}>${say("Sign in again")}</button>`;
  }
}

customElements.define("site-notice", SiteNotice);
