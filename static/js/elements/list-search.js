/** `<list-search>`: the field in which conversations are searched for, and what a screen reader is told of the result. */

import { html, live, nothing } from "../../vendor/lit.js";
import { say } from "../say.js";
import { closeIcon } from "./icons.js";
import { searchIcon } from "./later-icons.js";
import { LightElement } from "./light-element.js";

/** The field. */
export class ListSearch extends LightElement {
  /** @override */
  static properties = { query: { attribute: false }, label: { attribute: false }, said: { attribute: false } };

  constructor() {
    super();
    this.query = "";
    this.label = say("Search conversations");
    /** How the search went. */
    this.said = "";
    /** @type {(query: string) => void} opens the first conversation that is found */
    this.onFirst = () => {};
    /** @type {() => void} goes from the field into the list */
    this.onDown = () => {};
  }

  /** @override */
  render() {
    return html`<div class="search" role="search">
      ${searchIcon}
      <label class="visually-hidden" for="search">${this.label}</label>
      <input id="search" type="search" placeholder=${this.label === "Search conversations" ? say("Search") : this.label} autocomplete="off" spellcheck="false" enterkeyhint="search" dir=${this.query ? "auto" : nothing}
        .value=${live(this.query)} @input=${this.typed} @keydown=${this.keyed} />
      ${this.query ? html`<button type="button" class="icon-button search-clear" aria-label=${say("Clear the search")} title=${say("Clear")} @click=${this.clear}>${closeIcon}</button>` : nothing}
      <p class="visually-hidden" role="status">${this.said}</p>
    </div>`;
  }

  /** @param {Event} event */
  typed({ target }) {
    if (target instanceof HTMLInputElement) this.emit("list-search", { query: target.value });
  }

  clear() {
    this.emit("list-search", { query: "" });
    this.querySelector("input")?.focus();
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const query = this.querySelector("input")?.value ?? "";
    if (event.key === "Enter" && query.trim()) this.onFirst(query);
    else if (event.key === "ArrowDown") this.onDown();
    else if (event.key === "Escape" && query) this.clear();
    else return;
    event.preventDefault();
    event.stopPropagation(); // the drawer closes by Escape as well, one step later
  }
}

customElements.define("list-search", ListSearch);
