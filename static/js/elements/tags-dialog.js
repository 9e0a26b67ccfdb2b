/** `<tags-dialog>`: the tags of one conversation, or of many at once. Each change is kept at once. */

import { html, live, nothing } from "../../vendor/lit.js";
import { ApiError } from "../api.js";
import { say, sayMany } from "../say.js";
import { LONGEST_TAG, loadTags, MOST_TAGS, offered, tagsIn, tagsOf } from "../tags.js";
import { closeIcon } from "./icons.js";
import { ModalElement } from "./modal-element.js";
import { ParleyApp } from "./parley-app.js";
import { idOfOffer, tagOffers } from "./tag-offers.js";

/** @import {Conversation} from "../objects.js" */
/** @import {Tag} from "../tags.js" */

const OFFERS = "tags-offers";

/** The dialog. */
export class TagsDialog extends ModalElement {
  /** @override */
  static properties = {
    ...ModalElement.properties,
    items: { state: true },
    known: { state: true },
    typed: { state: true },
    active: { state: true },
    problem: { state: true },
    said: { state: true },
  };

  constructor() {
    super("tags");
    /** @type {readonly string[]} */
    this.ids = [];
    /** @type {readonly Conversation[]} those of them that the page knows */
    this.items = [];
    /** @type {readonly Tag[]} all tags there are */
    this.known = [];
    this.typed = "";
    /** Which of the offers; -1 for none. */
    this.active = -1;
    this.problem = "";
    /** What a screen reader is told. */
    this.said = "";
  }

  /** @returns {readonly Tag[]} */
  get offers() {
    const everywhere = tagsOf(this.items).filter(({ count }) => count === this.items.length);
    return offered(this.known, this.typed, everywhere.map(({ tag }) => tag));
  }

  /** @override */
  render() {
    const many = this.ids.length > 1;
    return html`<dialog class="dialog sheet tags" aria-labelledby="tags-title" @close=${this.closed} @click=${this.clicked}>
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id="tags-title">${many ? sayMany(this.ids.length, "Tags of {count} conversation", "Tags of {count} conversations") : say("Tags")}</h2>
          <button type="button" class="icon-button" aria-label=${say("Close")} @click=${() => this.dialog?.close()}>${closeIcon}</button>
        </header>
        ${this.chips()}${this.field()}
        <p id="tags-problem" class="dialog-problem" role="alert">${this.problem}</p>
        ${tagOffers({ id: OFFERS, offers: this.offers, active: this.active, choose: (tag) => this.change([tag], []) })}
        <p class="visually-hidden" role="status">${this.said}</p>
      </div>
    </dialog>`;
  }

  chips() {
    const tags = tagsOf(this.items);
    if (!tags.length) return html`<p class="setting-about">${say("No tags yet. They find conversations again, here and in the search.")}</p>`;
    return html`<ul class="tag-chips" aria-label=${say("Tags")}>${tags.map(({ tag, count }) => html`<li>
      <button type="button" class="tag-chip" aria-label=${say("Remove the tag “{tag}”", { tag })} title=${say("Remove the tag “{tag}”", { tag })} @click=${() => this.change([], [tag])}>
        <span dir="auto">${tag}</span>${count < this.items.length ? html`<span class="tag-count">${say("{number} of {total}", { number: count, total: this.items.length })}</span>` : nothing}${closeIcon}</button></li>`)}</ul>`;
  }

  field() {
    const shown = this.offers.length > 0;
    return html`<div class="field"><label for="tags-field">${say("Add a tag")}</label>
      <input id="tags-field" type="text" role="combobox" aria-expanded=${shown} aria-controls=${OFFERS} aria-autocomplete="list" aria-describedby="tags-hint tags-problem"
        aria-activedescendant=${this.active >= 0 && shown ? idOfOffer(OFFERS, this.active) : nothing} autocomplete="off" autocapitalize="off" enterkeyhint="done" dir="auto"
        .value=${live(this.typed)} @input=${this.wrote} @keydown=${this.keyed} />
      <p id="tags-hint" class="field-hint">${say("Enter or a comma adds it. Up to {most} for a conversation, of {longest} characters.", { most: MOST_TAGS, longest: LONGEST_TAG })}</p></div>`;
  }

  /** @param {Event} event */
  wrote({ target }) {
    if (!(target instanceof HTMLInputElement)) return;
    this.typed = target.value;
    this.active = -1;
    // What stands before a comma is complete; an input method's own commas count as well.
    if (tagsIn(`${target.value}x`).length > tagsIn(target.value).length) this.change(tagsIn(target.value), []);
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const { offers } = this;
    const last = tagsOf(this.items).at(-1);
    if (event.key === "Enter") this.enter(offers[this.active]?.tag);
    else if (event.key === "ArrowDown") this.active = this.active + 1 < offers.length ? this.active + 1 : -1;
    else if (event.key === "ArrowUp") this.active = this.active < 0 ? offers.length - 1 : this.active - 1;
    else if (event.key === "Backspace" && !this.typed && last) this.change([], [last.tag]);
    else return;
    event.preventDefault();
  }

  /** @param {string | undefined} offer */
  enter(offer) {
    const add = offer === undefined ? tagsIn(this.typed) : [offer];
    if (add.length) this.change(add, []);
    else this.dialog?.close();
  }

  /** What was written and not yet added, is added. @override */
  closed() {
    const left = tagsIn(this.typed);
    this.typed = "";
    if (left.length) this.change(left, []);
    super.closed();
  }

  /**
   * @param {readonly string[]} add
   * @param {readonly string[]} remove
   */
  change(add, remove) {
    this.problem = "";
    this.querySelector("input")?.focus();
    const before = this.typed;
    this.typed = "";
    this.active = -1;
    const app = this.parentElement;
    if (!(app instanceof ParleyApp)) return;
    app.emit("conversations-tag", { ids: this.ids, add, remove, answered: (problem, changed) => {
      if (problem === null) return this.took(changed, add, remove);
      this.problem = problem;
      if (!this.typed && add.length) this.typed = before;
      if (!this.isConnected) app.tell(problem);
    } });
  }

  /**
   * @param {readonly Conversation[]} changed
   * @param {readonly string[]} add
   * @param {readonly string[]} remove
   */
  took(changed, add, remove) {
    const now = new Map(changed.map((one) => [one.id, one]));
    this.items = [...now.values(), ...this.items.filter(({ id }) => !now.has(id))];
    this.said = add.length ? say("Tagged “{tag}”", { tag: add.join(", ") }) : say("No longer tagged “{tag}”", { tag: remove.join(", ") });
  }

  async read() {
    try {
      this.known = await loadTags();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // nothing is offered, then
    }
  }
}

/**
 * Opens the dialog; it goes away when it is closed.
 * @param {Element | null} app the page
 * @param {readonly string[]} ids of conversations
 */
export function openTags(app, ids) {
  if (!(app instanceof ParleyApp)) return;
  const { list, open } = app.state;
  const all = [...(list.aside?.items ?? []), ...list.items, ...(open.conversation ? [open.conversation] : [])];
  const dialog = new TagsDialog();
  dialog.ids = ids;
  dialog.items = ids.flatMap((id) => all.findLast((one) => one.id === id) ?? []);
  dialog.addEventListener("dialog-close", (event) => {
    event.stopPropagation();
    dialog.open = false;
    dialog.remove();
    if (document.activeElement === document.body) app.toWork();
  });
  app.append(dialog);
  dialog.open = true;
  void dialog.read();
  void dialog.updateComplete.then(() => dialog.querySelector("input")?.focus());
}

customElements.define("tags-dialog", TagsDialog);
