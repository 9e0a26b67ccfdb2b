/** `<conversation-list>`: the conversations, with search; each can be renamed and deleted in its place. */

import { html, live, nothing, repeat } from "../../vendor/lit.js";
import { newIcon, searchIcon } from "./icons.js";
import { LightElement } from "./light-element.js";
import { EMPTY_LIST } from "../state/conversations.js";
import "./conversation-row.js";

/** @import {ConversationList as List} from "../state/conversations.js" */

/** The list beside the page. */
export class ConversationList extends LightElement {
  /** @override */
  static properties = {
    list: { attribute: false },
    current: { attribute: false },
    running: { attribute: false },
  };

  constructor() {
    super();
    /** @type {List} */
    this.list = EMPTY_LIST;
    /** @type {string | null} the open conversation */
    this.current = null;
    /** @type {ReadonlySet<string>} conversations in which an answer is being written */
    this.running = new Set();
  }

  /** @override */
  render() {
    const { items, query, cursor } = this.list;
    return html`
      <button type="button" class="new-conversation" @click=${() => this.emit("conversation-new", null)}>
        ${newIcon}<span>New conversation</span>
      </button>
      <div class="search" role="search">
        ${searchIcon}
        <label class="visually-hidden" for="search">Search conversations</label>
        <input id="search" type="search" placeholder="Search" autocomplete="off" .value=${live(query)} @input=${this.search} />
      </div>
      <nav aria-label="Conversations">
        ${this.remark()}
        <ul class="conversations">
          ${repeat(items, ({ id }) => id, (item) => html`<li>
            <conversation-row .conversation=${item} .current=${item.id === this.current} .running=${this.running.has(item.id)}></conversation-row>
          </li>`)}
        </ul>
        ${cursor === null ? nothing : html`<button type="button" class="quiet-button list-more" @click=${() => this.emit("list-more", null)}>Show older</button>`}
      </nav>
    `;
  }

  /** A sentence where there is nothing to list. */
  remark() {
    const { items, query, status } = this.list;
    if (status === "failed") {
      return html`<p class="list-remark">The list could not be loaded.
        <button type="button" class="text-button" @click=${() => this.emit("list-refresh", null)}>Try again</button></p>`;
    }
    if (items.length || status === "loading") return nothing;
    return html`<p class="list-remark">${query ? "No conversation has these words." : "Your conversations will be listed here."}</p>`;
  }

  /** @param {Event} event */
  search({ target }) {
    if (target instanceof HTMLInputElement) this.emit("list-search", { query: target.value });
  }
}

customElements.define("conversation-list", ConversationList);
