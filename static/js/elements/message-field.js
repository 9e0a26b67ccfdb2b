/** `<message-field>`: the text of a message: typed, pasted, dictated, or put in by `/`. Who sends it is the composer. */

import { html, live, nothing } from "../../vendor/lit.js";
import { say } from "../say.js";
import { LightElement } from "./light-element.js";

/** @import {Snippet} from "../objects.js" */
/** @import {SnippetMenu} from "../snippets.js" */
/** @import {Attached} from "../state/attached.js" */
/** @import {Place} from "../state.js" */
/** @import {Later} from "./light-element.js" */

/** What `/` offers, and its entries. */
export const LIST = "snippet-list";
/** @param {number} at */
export const entryId = (at) => `snippet-entry-${at}`;

/** The field. */
export class MessageField extends LightElement {
  /** @override */
  static properties = {
    open: { attribute: false },
    text: { attribute: false },
    snippets: { attribute: false },
    files: { attribute: false },
    takesFiles: { attribute: false },
    longest: { attribute: false },
    sendsByEnter: { attribute: false },
    later: { attribute: false },
    menu: { state: true },
    long: { state: true },
  };

  constructor() {
    super();
    /** @type {Place} the conversation it is drawn for */
    this.open = { id: null, view: "new" };
    this.text = "";
    /** @type {readonly Snippet[]} */
    this.snippets = [];
    /** @type {readonly Attached[]} what goes with the message */
    this.files = [];
    this.takesFiles = false;
    /** How many bytes a text can have that is attached instead of written; 0 when none can be. */
    this.longest = 0;
    this.sendsByEnter = true;
    /** @type {Later | null} */
    this.later = null;
    /** @type {SnippetMenu | null} */
    this.menu = null;
    /** @type {{text: string, local: string} | null} a long text that was attached instead of written */
    this.long = null;
    /** Where a `/` stands whose menu the reader has closed. */
    this.closedAt = -1;
    /** @type {{before: string, after: string} | null} what stands around the words that are being dictated */
    this.dictated = null;
  }

  /** @override */
  render() {
    const { menu } = this;
    // Named by an attribute: with each key Chromium's form filling looks for a field's label element in the whole document,
    // which took 10 ms a key in a conversation of 1,000 messages.
    return html`<snippet-list .menu=${menu} .put=${this.put}></snippet-list>
      ${this.note()}
      <textarea id="question" aria-label=${say("Your message")} rows="1" dir="auto" placeholder=${say("Write a message")} enterkeyhint=${this.sendsByEnter ? "send" : "enter"} autocomplete="off"
        aria-describedby="composer-hint" aria-autocomplete=${menu ? "list" : nothing} aria-controls=${menu ? LIST : nothing}
        aria-activedescendant=${menu ? entryId(menu.active) : nothing} .value=${live(this.text)} @input=${this.typed} @keydown=${this.keyed}
        @keyup=${this.follow} @click=${this.follow} @focus=${this.focused} @blur=${this.closeMenu} @paste=${this.pasted}></textarea>`;
  }

  /** @override */
  updated() {
    const { area } = this;
    // Browsers without `field-sizing` need the height by hand; through the CSSOM, which the policy allows.
    if (area && !CSS.supports("field-sizing", "content")) {
      area.style.height = "auto";
      area.style.height = `${area.scrollHeight}px`;
    }
  }

  /** @returns {HTMLTextAreaElement | null} */
  get area() {
    return this.querySelector("textarea");
  }

  /** Puts the cursor behind the text. @override */
  focus() {
    const { area } = this;
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
  }

  /** Chromium gives an empty field its focus back from a dialog, but not its caret; then no key would write anything. */
  focused() {
    const { area } = this;
    if (area && !this.contains(getSelection()?.anchorNode ?? null)) area.setSelectionRange(area.selectionStart, area.selectionEnd);
  }

  /** @param {Event} event */
  typed({ target }) {
    if (!(target instanceof HTMLTextAreaElement)) return;
    this.dictated = null;
    this.write(target.value);
    this.follow();
  }

  /** @param {string} text */
  write(text) {
    this.text = text;
    this.emit("draft-change", { text, from: this.open });
  }

  /** Another conversation is in view: what was being done to the old one's text is over. */
  leave() {
    this.dictated = null;
    this.long = null;
    this.closedAt = -1;
    this.closeMenu();
  }

  clear() {
    this.text = "";
    if (this.area) this.area.value = "";
    this.closeMenu();
  }

  /* What is offered to it. Before that script is there, keys and pastes are the browser's own. */

  follow() {
    this.later?.offers.follow(this);
  }

  closeMenu() {
    this.menu = null;
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    this.later?.offers.keyed(this, event);
  }

  /** Puts in a snippet of the menu, or leads to the snippets. @type {(at: number) => void} */
  put = (at) => this.later?.offers.put(this, at);

  /** @param {ClipboardEvent} event */
  pasted(event) {
    this.later?.offers.pasted(this, event);
  }

  note() {
    if (!this.files.some(({ local }) => local === this.long?.local)) return nothing;
    return html`<p class="composer-note" role="status">${say("Attached as a file.")} <button type="button" class="text-button" data-action="unattach" @click=${this.writeLong}>${say("Paste as text instead")}</button></p>`;
  }

  writeLong() {
    this.later?.offers.writeLong(this);
  }

  /* What is dictated. */

  beginDictation() {
    const { area } = this;
    if (!area) return;
    const before = area.value.slice(0, area.selectionStart);
    this.dictated = { before: before && !/\s$/.test(before) ? `${before} ` : before, after: area.value.slice(area.selectionEnd) };
    area.focus();
  }

  /** @param {string} words all of them, also those that may still change */
  async dictate(words) {
    if (!this.dictated) return;
    const { before, after } = this.dictated;
    this.write(before + words.trimStart() + after);
    await this.updateComplete;
    const caret = this.text.length - after.length;
    this.area?.setSelectionRange(caret, caret);
  }
}

customElements.define("message-field", MessageField);
