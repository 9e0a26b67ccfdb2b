/** `<chat-composer>`: where a message is written. Its text is kept outside, for each conversation. */

import { html, live, nothing } from "../../vendor/lit.js";
import { hindrance } from "../state/attached.js";
import "./draft-files.js";
import { attachIcon, sendIcon, stopIcon } from "./icons.js";
import { LightElement } from "./light-element.js";
import "./model-picker.js";

/** @import {Model} from "../objects.js" */
/** @import {Attached} from "../state/attached.js" */

/** A second click of a double click on Send must not hit the Stop that takes its place. */
const DOUBLE_CLICK_MS = 350;
const HELD = "An answer is being written. Stop it or wait; your text stays here.";
const UPLOADING = "A file is still being uploaded. Your text stays here.";
const NO_WORDS = "Write what the model should do with it.";

/** The composer. */
export class ChatComposer extends LightElement {
  /** @override */
  static properties = {
    text: { attribute: false },
    notice: { attribute: false },
    limit: { attribute: false },
    running: { attribute: false },
    stopping: { attribute: false },
    pending: { attribute: false },
    models: { attribute: false },
    model: { attribute: false },
    files: { attribute: false },
    takesFiles: { attribute: false },
    held: { state: true },
  };

  constructor() {
    super();
    this.text = "";
    /** @type {string | null} why the last message was not taken */
    this.notice = null;
    /** @type {number} how many characters a message may have */
    this.limit = Number.MAX_SAFE_INTEGER;
    /** @type {string | null} the answer being written here */
    this.running = null;
    this.stopping = false;
    /** Whether a request of this conversation waits for the server. */
    this.pending = false;
    /** @type {readonly Model[]} */
    this.models = [];
    /** @type {Model | null} the one that is asked, when it is known */
    this.model = null;
    /** @type {readonly Attached[]} what goes with the message */
    this.files = [];
    /** @type {boolean | null} whether this site takes files; null until it has said so */
    this.takesFiles = null;
    /** Whether Enter was pressed while nothing can be sent. */
    this.held = false;
    this.sentAt = -DOUBLE_CLICK_MS;
  }

  /** @override */
  render() {
    const hint = this.hint();
    return html`
      <form class="composer" @submit=${this.submit}>
        <draft-files .items=${this.files}></draft-files>
        <label class="visually-hidden" for="question">Your message</label>
        <textarea id="question" rows="1" dir="auto" placeholder="Write a message" enterkeyhint="send" autocomplete="off"
          aria-describedby="composer-hint" .value=${live(this.text)} @input=${this.typed} @keydown=${this.keyed} @paste=${this.pasted}></textarea>
        <div class="composer-row">
          ${this.takesFiles === false ? nothing : this.attachButton()}
          <model-picker .models=${this.models} .chosen=${this.model?.id ?? null}></model-picker>
          ${this.button()}
        </div>
      </form>
      <p id="composer-hint" class="composer-hint" data-kind=${hint.kind} role=${hint.kind === "problem" ? "alert" : nothing}>${hint.text}</p>
    `;
  }

  /** @returns {{kind: "problem" | "notice" | "plain", text: string}} */
  hint() {
    const over = tooLong(this.text, this.limit);
    const count = (/** @type {number} */ n) => n.toLocaleString("en");
    if (over > 0) {
      return { kind: "problem", text: `This is ${count(over)} characters too long. A message here can have ${count(this.limit)}.` };
    }
    if (this.notice !== null) return { kind: "problem", text: this.notice };
    const hindered = hindrance(this.files, this.model);
    if (hindered && !hindered.wait) return { kind: "problem", text: hindered.text };
    if (this.held && hindered) return { kind: "notice", text: UPLOADING };
    if (this.held && !this.text.trim()) return { kind: "notice", text: NO_WORDS };
    if (this.held && (this.running || this.pending)) return { kind: "notice", text: HELD };
    return { kind: "plain", text: "Enter sends. Shift + Enter begins a new line." };
  }

  button() {
    if (this.running !== null) {
      const label = this.stopping ? "Stopping…" : "Stop";
      return html`<button type="button" class="round-button" data-action="stop" aria-label=${label} title=${label} ?disabled=${this.stopping} @click=${this.stopByClick}>${stopIcon}</button>`;
    }
    return html`<button type="submit" class="round-button" data-action="send" aria-label="Send" title="Send" ?disabled=${!this.canSend}>${sendIcon}</button>`;
  }

  attachButton() {
    const label = this.model && !this.model.images ? "Attach text files (this model takes no pictures)" : "Attach pictures or text files";
    return html`<button type="button" class="icon-button" data-action="attach" aria-label=${label} title=${label}
        ?disabled=${this.takesFiles === null} @click=${this.chooseFiles}>${attachIcon}</button>
      <input type="file" multiple hidden aria-label=${label} @change=${this.chosen} />`;
  }

  get canSend() {
    const ready = this.running === null && !this.pending && hindrance(this.files, this.model) === null;
    return ready && this.text.trim() !== "" && tooLong(this.text, this.limit) === 0;
  }

  /** @override */
  updated() {
    const area = this.area;
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

  /** @param {Event} event */
  typed({ target }) {
    if (!(target instanceof HTMLTextAreaElement)) return;
    this.text = target.value;
    this.held = false;
    this.emit("draft-change", { text: target.value });
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    // While an input method composes, Enter chooses a character. Safari says so by the key code only.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.submit(event);
    } else if (event.key === "Escape" && this.running !== null) {
      event.preventDefault();
      this.stop();
    }
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    if (!this.canSend) {
      this.held = this.text.trim() !== "" || this.files.length > 0;
      return;
    }
    this.sentAt = performance.now();
    this.held = false;
    this.emit("message-send", { text: this.text });
    this.area?.focus();
  }

  chooseFiles() {
    this.querySelector("input")?.click();
  }

  /** @param {Event} event */
  chosen({ target }) {
    if (!(target instanceof HTMLInputElement)) return;
    this.emit("files-add", { files: [...(target.files ?? [])] });
    target.value = ""; // the same file can be chosen again
    this.area?.focus();
  }

  /** @param {ClipboardEvent} event */
  pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    // Office programs copy a picture of the text along with it: then the text is meant.
    if (!files.length || !this.takesFiles || event.clipboardData?.getData("text/plain")) return;
    event.preventDefault();
    this.emit("files-add", { files });
  }

  /** The button, unlike the key, can be hit by the second half of a double click. */
  stopByClick() {
    if (performance.now() - this.sentAt >= DOUBLE_CLICK_MS) this.stop();
  }

  stop() {
    if (this.running === null || this.stopping) return;
    this.emit("answer-stop", { answer: this.running });
    this.area?.focus();
  }
}

/**
 * How many characters a text has over the limit. The server counts characters, not UTF-16 units.
 * @param {string} text
 * @param {number} limit
 * @returns {number} 0 when it fits
 */
function tooLong(text, limit) {
  if (text.length <= limit) return 0; // there are never more characters than units
  let characters = 0;
  for (const _ of text) characters += 1;
  return Math.max(0, characters - limit);
}

customElements.define("chat-composer", ChatComposer);
