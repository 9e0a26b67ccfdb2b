/** `<chat-composer>`: where a message is written. Its text is kept outside, for each conversation. */

import { html, live, nothing } from "../../vendor/lit.js";
import { NEW_DEVICE } from "../device.js";
import { charactersLeft, joined, sends } from "../draft.js";
import { NO_PREFERENCES } from "../objects.js";
import { say } from "../say.js";
import { hindrance } from "../state/attached.js";
import { isPrivate } from "../state/private.js";
import { composerHint } from "./composer-hint.js";
import { sendIcon, stopIcon } from "./icons.js";
import { MAC } from "./key-caps.js";
import { LightElement } from "./light-element.js";
import { MessageField } from "./message-field.js";

/** @import {Device} from "../device.js" */
/** @import {Limits, Model, Preferences} from "../objects.js" */
/** @import {Place} from "../state.js" */
/** @import {Held, Prospect} from "../state/held.js" */
/** @import {Attached} from "../state/attached.js" */
/** @import {DictationButton} from "./dictation.js" */
/** @import {Later} from "./light-element.js" */

/** A second click of a double click on Send must not hit the Stop that takes its place. */
const DOUBLE_CLICK_MS = 350;
const TOO_LONG_TOGETHER = say("Together with the message that waits this is too long. Your text stays here.");

/** The composer. */
export class ChatComposer extends LightElement {
  /** @override */
  static properties = {
    open: { attribute: false }, text: { attribute: false }, notice: { attribute: false }, limits: { attribute: false },
    running: { attribute: false }, stopping: { attribute: false }, pending: { attribute: false }, begins: { attribute: false },
    held: { attribute: false }, prospect: { attribute: false }, lastQuestion: { attribute: false },
    models: { attribute: false }, model: { attribute: false }, files: { attribute: false },
    preferences: { attribute: false }, device: { attribute: false }, later: { attribute: false },
    tried: { state: true }, remark: { state: true }, listening: { state: true }, brought: { state: true },
  };

  constructor() {
    super();
    /** @type {Place} the conversation it is drawn for */
    this.open = { id: null, view: "new" };
    this.text = "";
    /** @type {string | null} why the last message was not taken */
    this.notice = null;
    /** @type {Limits | null} null until the site has said them */
    this.limits = null;
    /** @type {string | null} the answer being written here */
    this.running = null;
    this.stopping = false;
    /** Whether a request of this conversation waits for the server. */
    this.pending = false;
    /** Whether the conversation has no id yet. */
    this.begins = true;
    /** @type {Held | null} what waits for the end of the answer */
    this.held = null;
    /** @type {Prospect | null} */
    this.prospect = null;
    /** @type {string | null} the question that ↑ in the empty composer rewrites */
    this.lastQuestion = null;
    /** @type {readonly Model[]} */
    this.models = [];
    /** @type {Model | null} the one that is asked, when it is known */
    this.model = null;
    /** @type {readonly Attached[]} what goes with the message */
    this.files = [];
    /** @type {Preferences}  */
    this.preferences = NO_PREFERENCES;
    /** @type {Device}  */
    this.device = NEW_DEVICE;
    /** @type {Later | null} */
    this.later = null;
    /** Whether sending was tried while nothing can be sent. */
    this.tried = false;
    /** @type {"added" | "together" | string | null} what to say about the last thing done here */
    this.remark = null;
    /** What to say of a text that a link brought, until it is changed or sent. */
    this.brought = "";
    /** Whether it is being dictated. */
    this.listening = false;
    this.sentAt = -DOUBLE_CLICK_MS;
  }

  /** @param {import("lit").PropertyValues<this>} changed @override */
  willUpdate(changed) {
    const before = changed.get("open");
    if (before && before.view !== this.open.view) this.leave();
    // What waited has been sent: that something was added to it is no news any more.
    if (this.remark === "added" && !this.held) this.remark = null;
  }

  /** @override */
  render() {
    const hint = this.hint();
    return html`
      <form class="composer" @submit=${this.submit}>
        <held-message .held=${this.held} .prospect=${this.prospect} .running=${this.running} .stopping=${this.stopping} @held-edit=${this.focusSoon} @held-drop=${this.focusSoon}></held-message>
        <draft-files .items=${this.files}></draft-files>
        <message-field .later=${this.later} .open=${this.open} .text=${live(this.text)} .snippets=${this.preferences.snippets} .files=${this.files} .takesFiles=${this.fileBytes > 0} .longest=${this.roomForFile}
          .sendsByEnter=${this.device.send_key === "enter"} @draft-change=${this.wrote} @keydown=${this.keyed}></message-field>
        <div class="composer-row">
          ${this.limits?.attachment_bytes === 0 ? nothing : html`<attach-button .pictures=${this.model?.images ?? true} .refused=${isPrivate(this.open.view)} .disabled=${this.limits === null} @files-add=${this.focusSoon}></attach-button>`}
          <dictation-button .known=${this.device.dictates} .begun=${this.begun} .heard=${this.heard} .ended=${this.dictationEnded}></dictation-button>
          <model-picker .models=${this.models} .chosen=${this.model?.id ?? null} .standard=${this.preferences.default_model}></model-picker>
          ${this.buttons()}
        </div>
      </form>
      <p id="composer-hint" class="composer-hint" data-kind=${hint.kind} role=${hint.kind === "problem" ? "alert" : nothing}>${hint.text}</p>
    `;
  }

  hint() {
    const { text, limit, files, model, tried, begins, remark, brought } = this;
    return composerHint({
      text, limit, files, model, tried, begins, brought,
      notice: remark === null || remark === "added" ? this.notice : remark,
      added: remark === "added",
      listening: this.listening,
      send_key: this.device.send_key,
      apple: MAC,
    });
  }

  buttons() {
    const send = html`<button type="submit" class="round-button" data-action="send" aria-label=${say("Send")} title=${say("Send")} ?disabled=${!this.canSend}>${sendIcon}</button>`;
    if (this.running === null) return send;
    const stop = this.stopping ? say("Stopping…") : say("Stop");
    const hold = say("Send when the answer has ended");
    return html`${this.canSend ? html`<button type="submit" class="round-button" data-action="hold" aria-label=${hold} title=${hold}>${sendIcon}</button>` : nothing}
      <button type="button" class="round-button" data-action="stop" aria-label=${stop} title=${stop} ?disabled=${this.stopping} @click=${this.stopByClick}>${stopIcon}</button>`;
  }

  get limit() {
    return this.limits?.prompt_chars ?? Number.MAX_SAFE_INTEGER;
  }

  /** The greatest size of one file; 0 where files are not taken. */
  get fileBytes() {
    return isPrivate(this.open.view) ? 0 : (this.limits?.attachment_bytes ?? 0);
  }

  /** How large one more file can be. */
  get roomForFile() {
    return this.files.length < (this.limits?.attachments ?? 0) ? this.fileBytes : 0;
  }

  /** Whether a message waits its turn instead of being sent at once. */
  get waits() {
    return this.running !== null || this.pending || this.held !== null;
  }

  get canSend() {
    if (hindrance(this.files, this.model) !== null || (this.waits && this.begins)) return false;
    return this.text.trim() !== "" && (charactersLeft(this.text, this.limit) ?? 0) >= 0;
  }

  /** @returns {MessageField | null} */
  get field() {
    const field = this.querySelector("message-field");
    return field instanceof MessageField ? field : null;
  }

  stopDictation() {
    /** @type {DictationButton | null} */ (this.querySelector("dictation-button:defined"))?.stop();
  }

  /** Another conversation is in view. */
  leave() {
    this.stopDictation();
    this.field?.leave();
    this.tried = false;
    this.remark = null;
    this.brought = "";
  }

  /** Puts the cursor behind the text. @override */
  focus() {
    this.field?.focus();
  }

  /** What was pressed is about to go away. */
  async focusSoon() {
    await new Promise(requestAnimationFrame);
    await this.updateComplete;
    this.focus();
  }

  /** @param {CustomEvent<{text: string}>} event */
  wrote({ detail }) {
    this.text = detail.text; // at once: the next key may be Enter
    this.tried = false;
    this.remark = null;
    this.brought = "";
    if (this.listening && !this.field?.dictated) this.stopDictation();
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    // While an input method composes, Enter chooses a character. Safari says so by the key code only.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.handled(event)) event.preventDefault();
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key was for the composer
   */
  handled(event) {
    const plain = !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
    if (sends(event, this.device.send_key)) this.submit(event);
    else if (event.key === "ArrowUp" && plain && this.text === "" && this.lastQuestion !== null) this.emit("question-edit", { message: this.lastQuestion });
    else if (event.key === "Escape" && this.listening) this.stopDictation();
    else if (event.key === "Escape" && this.running !== null) this.stop();
    else return false;
    return true;
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    this.stopDictation();
    if (!this.canSend) {
      this.tried = this.text.trim() !== "" || this.files.length > 0;
      return;
    }
    this.tried = false;
    if (this.waits) this.hold();
    else {
      this.sentAt = performance.now();
      this.emit("message-send", { text: this.text, from: this.open });
      this.clear();
    }
    this.field?.area?.focus();
  }

  /** At once, not with the next frame: a key that is quicker would go behind the text that was sent. */
  clear() {
    this.text = this.brought = "";
    this.field?.clear();
  }

  hold() {
    const { held, text } = this;
    if (held && (charactersLeft(joined(held.text, text), this.limit) ?? 0) < 0) {
      this.remark = TOO_LONG_TOGETHER;
      return;
    }
    const offered = this.prospect === "failed" || this.prospect === "cut";
    this.emit("message-hold", { text, from: this.open });
    this.clear();
    this.remark = held ? "added" : null;
    // Whoever writes on after a failed answer and sends that has decided: no question stands in the way any more.
    if (offered) this.emit("held-send", null);
  }

  begun = () => {
    this.listening = true;
    this.field?.beginDictation();
  };

  /** @type {(words: string) => void} */
  heard = (words) => void this.field?.dictate(words);

  /** @type {(problem: string | null) => void} */
  dictationEnded = (problem) => {
    this.listening = false;
    if (this.field) this.field.dictated = null;
    this.remark = problem;
  };

  /** The button, unlike the key, can be hit by the second half of a double click. */
  stopByClick() {
    if (performance.now() - this.sentAt >= DOUBLE_CLICK_MS) this.stop();
  }

  stop() {
    if (this.running === null || this.stopping) return;
    this.emit("answer-stop", { answer: this.running });
    this.field?.area?.focus();
  }
}

customElements.define("chat-composer", ChatComposer);
