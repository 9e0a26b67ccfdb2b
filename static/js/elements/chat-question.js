/** `<chat-question>`: what the reader asked: folded when it is long, with what can be done with it. */

import { html, nothing } from "../../vendor/lit.js";
import { NEW_DEVICE } from "../device.js";
import { say } from "../say.js";
import { isLong, questionHeight_px } from "../sizes.js";
import { attachedFiles } from "./attached-files.js";
import { branchSwitch } from "./branch-switch.js";
import { copyWithNotice } from "./clipboard.js";
import { deletion } from "./deletion.js";
import { copyIcon, deleteIcon, renameIcon } from "./icons.js";
import { LightElement } from "./light-element.js";

/** @import {Device} from "../device.js" */
/** @import {Shown} from "../state/tree.js" */

/** One question. */
export class ChatQuestion extends LightElement {
  /** @override */
  static properties = {
    item: { attribute: false },
    busy: { attribute: false },
    near: { attribute: false },
    editing: { attribute: false },
    edited: { attribute: false, hasChanged: () => false },
    device: { attribute: false },
    unfolded: { attribute: false },
    deleting: { state: true },
  };

  constructor() {
    super();
    /** @type {Shown | null} */
    this.item = null;
    /** Whether something runs in this conversation, so that nothing else may begin. */
    this.busy = false;
    /** Whether it is near enough to be seen soon; before that it is its text alone. */
    this.near = false;
    this.editing = false;
    /** The question in other words as they were kept; "" when there are none. */
    this.edited = "";
    /** Whether the reader began the rewriting just now; it was not found again. */
    this.begun = false;
    /** @type {Device} */
    this.device = NEW_DEVICE;
    /** Whether all of a long text is shown. */
    this.unfolded = false;
    this.deleting = false;
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  willUpdate(changes) {
    if (changes.has("editing")) this.begun = this.hasUpdated;
  }

  /** @override */
  render() {
    const { item, near } = this;
    if (!item) return nothing;
    const { text, attachments } = item.message;
    if (this.editing) {
      return html`<h2 class="visually-hidden">${say("You")}</h2><question-editor .message=${item.message} .kept=${this.edited} .begun=${this.begun}
        .busy=${this.busy} .device=${this.device}></question-editor>`;
    }
    const folded = !this.unfolded && isLong(text);
    return html`
      <h2 class="visually-hidden">${say("You")}</h2>
      ${near ? attachedFiles(attachments) : nothing}
      <p class="question-text" dir="auto" data-folded=${folded}>${text}</p>
      ${near ? [isLong(text) ? this.fold(folded) : nothing, this.deleting ? this.deletion() : this.actions()] : nothing}
    `;
  }

  /** @param {boolean} folded */
  fold(folded) {
    return html`<button type="button" class="quiet-button question-fold" aria-expanded=${!folded}
      @click=${() => (this.unfolded = folded)}>${folded ? say("Show all") : say("Show less")}</button>`;
  }

  actions() {
    const { item } = this;
    if (!item) return nothing;
    const { id } = item.message;
    const choose = (/** @type {string} */ message) => this.emit("message-choose", { message });
    return html`<div class="question-actions">
      <button type="button" class="quiet-button" data-action="edit" aria-label=${say("Edit")} title=${say("Edit")} @click=${() => this.emit("question-edit", { message: id })}>${renameIcon}</button>
      <button type="button" class="quiet-button" data-action="copy" title=${say("Copy")} @click=${this.copy}>${copyIcon}<span class="button-text visually-hidden">${say("Copy")}</span></button>
      <button type="button" class="quiet-button" data-action="delete" aria-label=${say("Delete from here")} title=${say("Delete from here")} ?disabled=${this.busy} @click=${this.askDeletion}>${deleteIcon}</button>
      ${branchSwitch({ siblings: item.siblings, shown: id, kind: "question", choose })}
    </div>`;
  }

  deletion() {
    const id = this.item?.message.id ?? "";
    return deletion({ onDelete: () => this.emit("message-delete", { message: id }), onKeep: () => void this.keep() });
  }

  /** Draws all of it at once. */
  draw() {
    this.near = true;
    this.performUpdate();
  }

  /** @override */
  firstUpdated() {
    this.style.setProperty("contain-intrinsic-block-size", `auto ${questionHeight_px(this.item?.message.text ?? "")}px`);
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  updated(changes) {
    if (changes.get("editing") === true && !this.editing) this.focusOn("[data-action=edit]");
  }

  /** @param {Event} event */
  copy({ currentTarget }) {
    if (currentTarget instanceof HTMLButtonElement) void copyWithNotice(currentTarget, this.item?.message.text ?? "");
  }

  async askDeletion() {
    this.deleting = true;
    await this.updateComplete;
    this.focusOn("[data-action=keep]");
  }

  async keep() {
    this.deleting = false;
    await this.updateComplete;
    this.focusOn("[data-action=delete]");
  }

  /** @param {string} selector */
  focusOn(selector) {
    const target = this.querySelector(selector);
    if (target instanceof HTMLElement) target.focus({ preventScroll: true });
  }
}

customElements.define("chat-question", ChatQuestion);
