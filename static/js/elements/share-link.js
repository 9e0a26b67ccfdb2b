/** `<share-link>`: a link that exists: copied, scanned, handed on, opened. */

import { html, nothing } from "../../vendor/lit.js";
import { say } from "../say.js";
import { qrPath } from "../sharing-api.js";
import { contentWords, stateWords, traitsOf } from "../sharing-words.js";
import { copyText } from "./clipboard.js";
import { LightElement } from "./light-element.js";

/** @import {Share} from "../sharing.js" */

const COPIED_MS = 1_600;

/** One link. */
export class ShareLink extends LightElement {
  /** @override */
  static properties = {
    share: { attribute: false },
    password: { attribute: false },
    tell: { attribute: false },
    onList: { attribute: false },
    onDone: { attribute: false },
    copied: { state: true },
    problem: { state: true },
  };

  constructor() {
    super();
    /** @type {Share | null} */
    this.share = null;
    /** The password, while the page still knows it: the server keeps only its hash. */
    this.password = "";
    /** @type {(words: string) => void} */
    this.tell = () => {};
    this.onList = () => {};
    this.onDone = () => {};
    /** @type {"link" | "password" | null} what was copied just now */
    this.copied = null;
    this.problem = "";
  }

  /** @override */
  render() {
    const { share, password } = this;
    if (!share) return nothing;
    const now_ms = Date.now();
    return html`<p class="dialog-about">${[contentWords(share, now_ms), stateWords(share, now_ms), ...traitsOf(share)].join(" · ")}</p>
      <div class="share-link">
        <div class="share-link-words">
          <div class="field">
            <label for="share-url">${say("Link")}</label>
            <input id="share-url" readonly dir="ltr" .value=${share.url} @focus=${selectAll} />
          </div>
          <div class="share-link-actions">
            <button type="button" class="button" data-action="copy" @click=${() => this.copy("link", share.url)}>${this.copied === "link" ? say("Copied") : say("Copy link")}</button>
            ${"share" in navigator ? html`<button type="button" class="quiet-button outlined" data-action="hand-on" @click=${() => this.handOn(share)}>${say("Hand on…")}</button>` : nothing}
            <a class="quiet-button outlined share-open" href=${share.url} target="_blank" rel="noopener">${say("Open in a new tab")}</a>
          </div>
          ${password ? this.secret(password) : nothing}
          <p class="dialog-problem" role="alert">${this.problem}</p>
        </div>
        <img class="share-qr" src=${qrPath(share.id)} alt=${say("QR code of the link")} width="160" height="160" />
      </div>
      <div class="dialog-actions">
        <button type="button" class="quiet-button" data-action="list" @click=${this.onList}>${say("All links")}</button>
        <button type="button" class="quiet-button outlined" data-action="done" @click=${this.onDone}>${say("Done")}</button>
      </div>`;
  }

  /** @param {string} password */
  secret(password) {
    return html`<p class="share-secret"><span>${say("Password")}: <code dir="ltr">${password}</code></span>
      <button type="button" class="quiet-button outlined" @click=${() => this.copy("password", password)}>${this.copied === "password" ? say("Copied") : say("Copy password")}</button>
      <span class="field-hint">${say("It is shown now only: what is stored does not tell it.")}</span></p>`;
  }

  /**
   * @param {"link" | "password"} what
   * @param {string} text
   */
  async copy(what, text) {
    const worked = await copyText(text);
    this.problem = worked ? "" : say("The browser did not let the page copy. Select the text and copy it yourself.");
    if (!worked) return;
    this.tell(what === "link" ? say("Link copied.") : say("Password copied."));
    this.copied = what;
    setTimeout(() => (this.copied = null), COPIED_MS);
  }

  /** @param {Share} share */
  async handOn({ title, url }) {
    try {
      await navigator.share({ title, url });
    } catch {
      // The sheet was closed again, or there is no app for it: the link is still there to copy.
    }
  }
}

/** @param {FocusEvent} event */
function selectAll({ target }) {
  if (target instanceof HTMLInputElement) target.select();
}

customElements.define("share-link", ShareLink);
