/** `<snippet-list>`: what `/` offers, above the composer. The keys are the composer's, which keeps the focus. */

import { html, nothing } from "../../vendor/lit.js";
import { say } from "../say.js";
import { LightElement } from "./light-element.js";
import { entryId, LIST } from "./message-field.js";

/** @import {SnippetMenu} from "../snippets.js" */

/** A listbox. */
export class SnippetList extends LightElement {
  /** @override */
  static properties = { menu: { attribute: false }, put: { attribute: false } };

  constructor() {
    super();
    /** @type {SnippetMenu | null} */
    this.menu = null;
    /** @type {(at: number) => void} puts in the entry that was clicked */
    this.put = () => {};
  }

  /** @override */
  render() {
    const { menu } = this;
    if (!menu) return nothing;
    const last = menu.items.length;
    return html`<div id=${LIST} class="snippets" role="listbox" aria-label=${say("Snippets")} @mousedown=${(/** @type {Event} */ event) => event.preventDefault()}>
      ${menu.items.map(({ name, text }, at) => this.entry(at, html`<span class="snippet-name" dir="auto">/${name}</span><span class="snippet-text" dir="auto">${text}</span>`))}
      ${menu.manages ? this.entry(last, html`<span class="snippet-more">${last ? say("Manage snippets…") : say("New snippet…")}</span>`) : nothing}
    </div>`;
  }

  /**
   * @param {number} at
   * @param {unknown} content
   */
  entry(at, content) {
    const active = this.menu?.active === at;
    return html`<div id=${entryId(at)} class="snippet" role="option" aria-selected=${active} @click=${() => this.put(at)}>${content}</div>`;
  }

  /** @override */
  updated() {
    this.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }
}

customElements.define("snippet-list", SnippetList);
