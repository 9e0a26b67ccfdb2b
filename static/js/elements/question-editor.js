/** `<question-editor>`: a question in other words, written in its place. */

import { html, live, nothing } from "../../vendor/lit.js";
import { NEW_DEVICE } from "../device.js";
import { sends } from "../draft.js";
import { say } from "../say.js";
import { attachedFiles } from "./attached-files.js";
import { LightElement } from "./light-element.js";

/** @import {Device} from "../device.js" */
/** @import {Message} from "../objects.js" */

const BUSY = say("An answer is being written. When it has ended, this can be sent.");

/** The field and its buttons. */
export class QuestionEditor extends LightElement {
  /** @override */
  static properties = {
    message: { attribute: false },
    kept: { attribute: false, hasChanged: () => false },
    begun: { attribute: false },
    busy: { attribute: false },
    device: { attribute: false },
    text: { state: true },
  };

  constructor() {
    super();
    /** @type {Message | null} */
    this.message = null;
    /** What was written here before and kept; "" when nothing was. */
    this.kept = "";
    /** Whether the reader began just now, and goes on here. */
    this.begun = true;
    /** Whether an answer is being written, so that nothing can be sent. */
    this.busy = false;
    /** @type {Device} */
    this.device = NEW_DEVICE;
    /** @type {string | null} what has been written; null before the first key */
    this.text = null;
  }

  /** @override */
  render() {
    const { message } = this;
    if (!message) return nothing;
    const hint = `edit-hint-${message.id}`;
    return html`<form class="question-editor" @submit=${this.submit} @keydown=${this.keyed}>
      ${attachedFiles(message.attachments)}
      <textarea rows="1" dir="auto" aria-label=${say("Your question, in other words")} aria-describedby=${hint} autocomplete="off" enterkeyhint="send"
        .value=${live(this.words)} @input=${this.typed}></textarea>
      <div class="editor-row">
        <p id=${hint} class="editor-hint" role="status">${this.busy ? BUSY : ""}</p>
        <button type="button" class="quiet-button" data-action="cancel-edit" @click=${this.cancel}>${say("Cancel")}</button>
        <button type="submit" class="button" data-action="resend" ?disabled=${!this.canSend}>${say("Send")}</button>
      </div>
    </form>`;
  }

  get words() {
    return this.text ?? (this.kept || this.message?.text) ?? "";
  }

  get canSend() {
    return !this.busy && this.words.trim() !== "";
  }

  /** @override */
  firstUpdated() {
    const { area } = this;
    if (!this.begun) return;
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
  }

  /** @override */
  updated() {
    const { area } = this;
    // Browsers without `field-sizing` need the height by hand.
    if (area && !CSS.supports("field-sizing", "content")) {
      area.style.height = "auto";
      area.style.height = `${area.scrollHeight}px`;
    }
  }

  /** @returns {HTMLTextAreaElement | null} */
  get area() {
    return this.querySelector("textarea");
  }

  /** @param {Event} event */
  typed({ target }) {
    if (!this.message || !(target instanceof HTMLTextAreaElement)) return;
    this.text = target.value;
    this.emit("edit-change", { message: this.message.id, text: this.text });
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    // While an input method composes, Enter chooses a character and Escape takes it back. Safari says so by the key code only.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.cancel();
    } else if (event.target === this.area && this.sends(event)) {
      event.preventDefault();
      this.submit(event);
    }
  }

  /**
   * Ctrl and Enter send here by any setting: the hands know it from elsewhere.
   * @param {KeyboardEvent} event
   */
  sends(event) {
    return sends(event, this.device.send_key) || sends(event, "ctrl-enter");
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    if (this.message && this.canSend) this.emit("question-resend", { message: this.message.id, text: this.words });
  }

  cancel() {
    this.emit("question-edit", { message: null });
  }
}

customElements.define("question-editor", QuestionEditor);
