/** `<list-search>`: the field in which conversations are searched for, by words or by a tag, and what a screen reader is told of the result. */

import { html, live, nothing } from "../../vendor/lit.js";
import { ApiError } from "../api.js";
import { say, sayMany } from "../say.js";
import { loadTags, offered } from "../tags.js";
import { closeIcon } from "./icons.js";
import { searchIcon } from "./later-icons.js";
import { LightElement } from "./light-element.js";
import { idOfOffer, tagOffers } from "./tag-offers.js";

/** @import {Tag} from "../tags.js" */

const OFFERS = "search-tags";

/** The field. */
export class ListSearch extends LightElement {
  /** @override */
  static properties = {
    query: { attribute: false },
    tag: { attribute: false },
    label: { attribute: false },
    said: { attribute: false },
    tags: { state: true },
    active: { state: true },
  };

  constructor() {
    super();
    this.query = "";
    /** @type {string | null} only conversations that have it are shown */
    this.tag = null;
    this.label = say("Search conversations");
    /** How the search went. */
    this.said = "";
    /** @type {(query: string) => void} opens the first conversation that is found */
    this.onFirst = () => {};
    /** @type {() => void} goes from the field into the list */
    this.onDown = () => {};
    /** @type {readonly Tag[]} the visitor's, once a # was typed */
    this.tags = [];
    this.active = 0;
  }

  /** @returns {readonly Tag[]} what is offered for what is typed */
  get offers() {
    return this.query.startsWith("#") ? offered(this.tags, this.query) : [];
  }

  /** @override */
  render() {
    const { offers, tag } = this;
    return html`<div class="search" role="search">
      ${searchIcon}
      ${tag === null ? nothing : html`<button type="button" class="tag-chip search-tag" aria-label=${say("Show all, not only those tagged “{tag}”", { tag })} title=${say("Show all, not only those tagged “{tag}”", { tag })} @click=${this.drop}><span dir="auto">#${tag}</span>${closeIcon}</button>`}
      <label class="visually-hidden" for="search">${this.label}</label>
      <input id="search" type="search" placeholder=${this.label === say("Search conversations") ? say("Search") : this.label} autocomplete="off" spellcheck="false" enterkeyhint="search" dir=${this.query ? "auto" : nothing}
        role=${offers.length ? "combobox" : nothing} aria-expanded=${offers.length ? "true" : nothing} aria-controls=${offers.length ? OFFERS : nothing} aria-autocomplete=${offers.length ? "list" : nothing}
        aria-activedescendant=${offers.length ? idOfOffer(OFFERS, this.active) : nothing} .value=${live(this.query)} @input=${this.typed} @keydown=${this.keyed} />
      ${this.query ? html`<button type="button" class="icon-button search-clear" aria-label=${say("Clear the search")} title=${say("Clear")} @click=${this.clear}>${closeIcon}</button>` : nothing}
      ${offers.length ? tagOffers({ id: OFFERS, kind: "search-tags", offers, active: this.active, sign: "#", choose: (chosen) => this.choose(chosen) }) : nothing}
      <p class="visually-hidden" role="status">${offers.length ? sayMany(offers.length, "{count} tag", "{count} tags") : this.said}</p>
    </div>`;
  }

  /** @param {Event} event */
  typed({ target }) {
    if (!(target instanceof HTMLInputElement)) return;
    const { value } = target;
    if (value.startsWith("#") && !this.query.startsWith("#")) void this.read();
    this.active = 0;
    this.emit("list-search", { query: value });
  }

  async read() {
    try {
      this.tags = await loadTags();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // then it is a word like any other
    }
  }

  /** @param {string} tag */
  choose(tag) {
    this.emit("list-search", { query: "", tag });
    this.querySelector("input")?.focus();
  }

  clear() {
    this.emit("list-search", { query: "" });
    this.querySelector("input")?.focus();
  }

  /** The words stay, as they are in the field: what was typed last may not have come back yet as `query`. */
  drop() {
    const field = this.querySelector("input");
    this.emit("list-search", { query: field?.value ?? "", tag: null });
    field?.focus();
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const query = this.querySelector("input")?.value ?? "";
    if (!this.keyedOffers(event) && !this.keyedField(event, query)) return;
    event.preventDefault();
    event.stopPropagation(); // the drawer closes by Escape as well, one step later
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key was for what is offered
   */
  keyedOffers({ key }) {
    const { offers } = this;
    const chosen = offers[this.active];
    if (!chosen) return false;
    if (key === "Enter") this.choose(chosen.tag);
    else if (key === "ArrowDown") this.active = (this.active + 1) % offers.length;
    else if (key === "ArrowUp") this.active = (this.active - 1 + offers.length) % offers.length;
    else return false;
    return true;
  }

  /**
   * @param {KeyboardEvent} event
   * @param {string} query
   * @returns {boolean} whether the key meant something
   */
  keyedField({ key }, query) {
    if (key === "Enter" && query.trim()) this.onFirst(query);
    else if (key === "ArrowDown") this.onDown();
    else if (key === "Escape" && query) this.clear();
    else if ((key === "Escape" || (key === "Backspace" && !query)) && this.tag !== null) this.drop();
    else return false;
    return true;
  }
}

customElements.define("list-search", ListSearch);
