/** `<conversation-row>`: one conversation of the list: its link, and in its place a new name or the question before deleting. */

import { html, nothing } from "../../vendor/lit.js";
import { pathOf } from "../navigation.js";
import { deleteIcon, moreIcon, renameIcon } from "./icons.js";
import { LightElement } from "./light-element.js";

/** @import {Conversation} from "../objects.js" */

/** One row. */
export class ConversationRow extends LightElement {
  /** @override */
  static properties = {
    conversation: { attribute: false },
    current: { attribute: false },
    running: { attribute: false },
    doing: { state: true },
  };

  constructor() {
    super();
    /** @type {Conversation | null} */
    this.conversation = null;
    this.current = false;
    this.running = false;
    /** @type {"nothing" | "choosing" | "renaming" | "deleting"} */
    this.doing = "nothing";
  }

  get name() {
    return this.conversation?.title || "New conversation";
  }

  /** @override */
  render() {
    if (!this.conversation) return nothing;
    if (this.doing === "renaming") return this.renaming();
    return html`
      <div class="row" data-current=${this.current} @keydown=${this.keyed}>
        <a class="row-link" href=${pathOf(this.conversation.id)} aria-current=${this.current ? "page" : nothing} title=${this.name} @click=${this.open}>
          <span class="row-title" dir="auto">${this.name}</span>
          ${this.running ? html`<span class="row-running" title="Answering"><span class="visually-hidden">, answering</span></span>` : nothing}
        </a>
        <button type="button" class="icon-button row-more" aria-label=${`Actions for “${this.name}”`} aria-expanded=${this.doing !== "nothing"} @click=${this.toggle}>${moreIcon}</button>
      </div>
      ${this.doing === "choosing" ? this.choices() : this.doing === "deleting" ? this.deletion() : nothing}
    `;
  }

  choices() {
    return html`<div class="row-actions" @keydown=${this.keyed}>
      <button type="button" class="quiet-button" data-action="rename" @click=${() => this.begin("renaming", "input")}>${renameIcon}<span>Rename</span></button>
      <button type="button" class="quiet-button" data-action="delete" @click=${() => this.begin("deleting", "[data-action=confirm]")}>${deleteIcon}<span>Delete</span></button>
    </div>`;
  }

  deletion() {
    return html`<div class="row-actions" role="group" aria-label="Delete this conversation?" @keydown=${this.keyed}>
      <p>Delete this conversation for good?</p>
      <button type="button" class="quiet-button danger" data-action="confirm" @click=${this.deleteForGood}>Delete</button>
      <button type="button" class="quiet-button" @click=${this.end}>Keep</button>
    </div>`;
  }

  renaming() {
    return html`<form class="row-rename" @submit=${this.rename} @keydown=${this.keyed}>
      <input name="title" aria-label="Title of the conversation" maxlength="200" autocomplete="off" dir="auto" .value=${this.name} @blur=${this.rename} />
    </form>`;
  }

  /** @param {MouseEvent} event */
  open(event) {
    // A new tab or window, by key or middle button, is the browser's business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    if (this.conversation) this.emit("conversation-open", { id: this.conversation.id });
  }

  toggle() {
    this.doing = this.doing === "nothing" ? "choosing" : "nothing";
  }

  /**
   * @param {"renaming" | "deleting"} doing
   * @param {string} focus what gets the focus
   */
  async begin(doing, focus) {
    this.doing = doing;
    await this.updateComplete;
    const target = this.querySelector(focus);
    if (target instanceof HTMLInputElement) target.select();
    if (target instanceof HTMLElement) target.focus();
  }

  async end() {
    this.doing = "nothing";
    await this.updateComplete;
    const more = this.querySelector(".row-more");
    if (more instanceof HTMLElement) more.focus();
  }

  /** @param {Event} event */
  rename(event) {
    event.preventDefault();
    if (this.doing !== "renaming") return; // the blur that follows from ending
    const title = this.querySelector("input")?.value.trim() ?? "";
    const byKey = event.type === "submit";
    if (this.conversation && title && title !== this.name) this.emit("conversation-rename", { id: this.conversation.id, title });
    if (byKey) void this.end();
    else this.doing = "nothing";
  }

  deleteForGood() {
    this.doing = "nothing";
    if (this.conversation) this.emit("conversation-delete", { id: this.conversation.id });
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (event.key !== "Escape" || event.isComposing || this.doing === "nothing") return;
    event.stopPropagation(); // the drawer closes by the same key, one step later
    void this.end();
  }
}

customElements.define("conversation-row", ConversationRow);
