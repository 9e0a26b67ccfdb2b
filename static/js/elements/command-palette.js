/** `<command-palette>`: one field that finds conversations, commands and models; and the same field for a conversation's new title. */

import { html, nothing } from "../../vendor/lit.js";
import { ApiError } from "../api.js";
import { commandsIn } from "../commands.js";
import { pieces } from "../matching.js";
import { rememberedPalette } from "../palette.js";
import { say, sayMany } from "../say.js";
import { capsOf } from "../shortcuts.js";
import { initialState } from "../state.js";
import { chosenModel } from "../state/view.js";
import { loadTags } from "../tags.js";
import { keyCaps, MAC } from "./key-caps.js";
import { searchIcon } from "./later-icons.js";
import { ModalElement } from "./modal-element.js";

/** @import {CommandId} from "../commands.js" */
/** @import {Entry, Group} from "../palette.js" */
/** @import {State} from "../state.js" */
/** @import {Tag} from "../tags.js" */

const PAGE = 6;

/** The palette. */
export class CommandPalette extends ModalElement {
  /** @override */
  static properties = {
    ...ModalElement.properties,
    page: { attribute: false },
    perform: { attribute: false },
    query: { state: true },
    active: { state: true },
    renaming: { state: true },
    tags: { state: true },
  };

  constructor() {
    super("palette");
    /** @type {State} */
    this.page = initialState();
    /** @type {(id: CommandId) => void} runs a command */
    this.perform = () => {};
    this.query = "";
    this.active = 0;
    /** Whether the field asks for a title. */
    this.renaming = false;
    /** @type {Group[]} */
    this.groups = [];
    /** @type {readonly Tag[]} */
    this.tags = [];
    this.look = rememberedPalette();
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  willUpdate(changes) {
    if (changes.has("open")) {
      this.query = "";
      this.active = 0;
      this.renaming = false;
      if (this.open) void this.readTags();
    }
    if (!this.open) return;
    const { page } = this;
    this.groups = this.look(this.query, {
      commands: commandsIn(page),
      conversations: page.list.items,
      models: page.models,
      model: chosenModel(page)?.id ?? null,
      tags: this.tags,
      server: page.palette,
    });
    this.active = Math.max(0, Math.min(this.active, this.entries.length - 1));
  }

  async readTags() {
    try {
      this.tags = await loadTags();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // without the server, those that were read before are found
    }
  }

  /** @returns {Entry[]} */
  get entries() {
    return this.groups.flatMap(({ entries }) => entries);
  }

  /** @override */
  render() {
    return html`<dialog class="dialog palette" aria-label=${this.renaming ? say("Rename the conversation") : say("Find anything")} @close=${this.closed} @click=${this.clicked}>
      ${!this.open ? nothing : this.renaming ? this.titleForm() : this.finder()}
    </dialog>`;
  }

  finder() {
    const count = this.entries.length;
    return html`<div class="palette-body">
      <div class="palette-field">${searchIcon}
        <input type="text" role="combobox" aria-label=${say("Find conversations, commands and models")} aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list"
          aria-activedescendant=${count ? `palette-${this.active}` : nothing} placeholder=${say("Find anything")} autocomplete="off" autocapitalize="off" spellcheck="false" dir="auto"
          enterkeyhint="go" .value=${this.query} @input=${this.typed} @keydown=${this.keyed} />
      </div>
      <div id="palette-list" class="palette-list" role="listbox" aria-label=${say("What was found")}>${this.list()}</div>
      ${count ? nothing : html`<p class="palette-none">${say("Nothing is called that.")}</p>`}
      <p class="visually-hidden" role="status">${this.query ? sayMany(count, "{count} found", "{count} found") : ""}</p>
    </div>`;
  }

  list() {
    let at = 0;
    return this.groups.map(({ name, entries }, group) => html`<div role="group" aria-labelledby=${`palette-group-${group}`}>
      <h3 id=${`palette-group-${group}`} role="presentation">${name}</h3>
      ${entries.map((entry) => this.entry(entry, at++))}
    </div>`);
  }

  /**
   * @param {Entry} entry
   * @param {number} at
   */
  entry(entry, at) {
    const caps = entry.kind === "command" ? capsOf(entry.id, MAC) : [];
    return html`<div id=${`palette-${at}`} class="palette-entry" role="option" aria-selected=${at === this.active} data-kind=${entry.kind}
      @pointermove=${() => (this.active = at)} @click=${() => this.choose(entry)}>
      <span class="palette-words" dir="auto">
        <span class="palette-label">${pieces(entry.label, entry.ranges).map(({ text, found }) => (found ? html`<mark>${text}</mark>` : text))}</span>
        ${entry.about ? html`<span class="palette-about">${entry.about}</span>` : nothing}
      </span>
      ${caps.length ? keyCaps(caps) : nothing}
    </div>`;
  }

  titleForm() {
    return html`<form class="palette-body" @submit=${this.rename}>
      <div class="palette-field">
        <input type="text" name="title" aria-label=${say("New title")} aria-describedby="palette-hint" maxlength="200" autocomplete="off" dir="auto" enterkeyhint="done"
          .value=${this.page.open.conversation?.title ?? ""} />
      </div>
      <p id="palette-hint" class="palette-none">${say("Enter keeps the new title, Escape the old one.")}</p>
    </form>`;
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  updated(changes) {
    super.updated(changes);
    if (changes.has("renaming") && this.renaming) this.querySelector("input")?.select();
    if (changes.has("active")) this.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Event} event */
  typed({ target }) {
    if (!(target instanceof HTMLInputElement)) return;
    this.query = target.value;
    this.active = 0;
    this.emit("palette-search", { query: target.value.trim() });
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    // While an input method composes, these keys are its own.
    if (event.isComposing || event.keyCode === 229) return;
    const count = this.entries.length;
    const next = { ArrowDown: this.active + 1, ArrowUp: this.active - 1 + count, PageDown: Math.min(this.active + PAGE, count - 1), PageUp: Math.max(this.active - PAGE, 0) };
    const entry = this.entries[this.active];
    if (event.key === "Enter" && entry) this.choose(entry);
    else if (event.key in next && count) this.active = next[/** @type {keyof typeof next} */ (event.key)] % count;
    else return;
    event.preventDefault();
  }

  /** @param {Entry} entry */
  choose({ kind, id }) {
    if (kind === "command" && id === "rename") {
      this.renaming = true;
      return;
    }
    // Closed first: the browser gives the focus back, and what is done may then put it elsewhere.
    this.dialog?.close();
    this.closed();
    if (kind === "conversation") this.emit("conversation-open", { id });
    else if (kind === "tag") this.showTag(id);
    else if (kind === "model") this.emit("model-choose", { model: id });
    else this.perform(/** @type {CommandId} */ (id));
  }

  /** @param {string} tag */
  showTag(tag) {
    this.emit("list-view", { view: "all" });
    this.emit("list-search", { query: "", tag });
    this.perform("search");
  }

  /** @param {Event} event */
  rename(event) {
    event.preventDefault();
    const title = this.querySelector("input")?.value.trim() ?? "";
    const { conversation } = this.page.open;
    this.dialog?.close();
    this.closed();
    if (conversation && title && title !== conversation.title) this.emit("conversation-rename", { id: conversation.id, title });
  }
}

customElements.define("command-palette", CommandPalette);
