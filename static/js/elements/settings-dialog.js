/** `<settings-dialog>`: how the page looks and behaves on this device, and which model is asked first. Each choice holds at once. */

import { html, nothing } from "../../vendor/lit.js";
import { NEW_DEVICE } from "../device.js";
import { Importing } from "../importing.js";
import { NO_PREFERENCES } from "../objects.js";
import { say } from "../say.js";
import { onlyOne, saidOf } from "../transcripts.js";
import { closeIcon } from "./icons.js";
import { MAC } from "./key-caps.js";
import { ModalElement } from "./modal-element.js";
import { ParleyApp } from "./parley-app.js";
import { themeSwitch } from "./theme-switch.js";
import "./language-choice.js";
import "./your-conversations.js";

/** @import {Device} from "../device.js" */
/** @import {ImportState} from "../importing.js" */
/** @import {Model, Preferences} from "../objects.js" */
/** @import {Mode} from "../state.js" */

/** @type {Record<Mode, string>} */
const CONNECTION = {
  connecting: say("Connecting…"),
  socket: say("Live: answers and changes arrive at once."),
  http: say("Plain HTTP: your network blocks live connections. Everything works, a little later."),
  offline: say("Not connected. What you write is kept here."),
};

/** The dialog. */
export class SettingsDialog extends ModalElement {
  /** @override */
  static properties = {
    ...ModalElement.properties,
    device: { attribute: false },
    models: { attribute: false },
    preferences: { attribute: false },
    mode: { attribute: false },
    progress: { state: true },
  };

  constructor() {
    super("settings");
    /** @type {Device} */
    this.device = NEW_DEVICE;
    /** @type {readonly Model[]} */
    this.models = [];
    /** @type {Preferences} */
    this.preferences = NO_PREFERENCES;
    /** @type {Mode} */
    this.mode = "connecting";
    /** @type {ImportState} */
    this.progress = { kind: "none" };
    this.importing = new Importing((progress) => this.imported(progress));
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  willUpdate(changes) {
    // What came of an import has been read when the dialog is closed.
    if (changes.has("open") && this.open) void import("./my-data.js").catch(() => {}); // asked for again when it is opened again
    if (changes.has("open") && !this.open && this.progress.kind !== "running") this.progress = { kind: "none" };
  }

  /** @override */
  render() {
    return html`<dialog class="dialog sheet" aria-labelledby="settings-title" @close=${this.closed} @click=${this.clicked}>
      ${this.open ? this.content() : nothing}
    </dialog>`;
  }

  content() {
    const { device } = this;
    const mod = MAC ? "⌘" : say("Ctrl");
    return html`<div class="dialog-body">
      <header class="dialog-head">
        <h2 id="settings-title">${say("Settings")}</h2>
        <button type="button" class="icon-button" aria-label=${say("Close")} @click=${() => this.dialog?.close()}>${closeIcon}</button>
      </header>
      <div class="setting">
        <span class="setting-name">${say("Theme")}</span>
        ${themeSwitch(device.theme, "settings", (theme) => this.emit("device-change", { theme }))}
      </div>
      <language-choice></language-choice>
      ${this.choice("send_key", say("Send a message with"), [["enter", say("Enter")], ["ctrl-enter", `${mod} + ${say("Enter")}`]],
        device.send_key === "enter" ? say("Shift + Enter begins a new line.") : say("Enter begins a new line."))}
      ${this.choice("spoken", say("Screen readers say"), [["quiet", say("nothing by themselves")], ["ends", say("beginning and end")], ["sentences", say("every sentence")]],
        say("What is read out while an answer is written."))}
      <div class="setting">
        <label for="setting-wrap">${say("Wrap long lines of code")}</label>
        <input id="setting-wrap" type="checkbox" class="toggle" .checked=${device.wrap_code} @change=${this.wrap} />
      </div>
      ${this.models.length > 1 ? this.defaultModel() : nothing}
      <div class="setting">
        <span class="setting-name">${say("Prompt snippets")}<span class="setting-about">${say("Texts that the message field puts in for /name.")}</span></span>
        <button type="button" class="quiet-button outlined" @click=${() => this.emit("dialog-open", { dialog: "snippets" })}>${say("Edit…")}</button>
      </div>
      <your-conversations .importing=${this.importing} .progress=${this.progress}></your-conversations>
      <my-data></my-data>
      <p class="setting-about" role="status">${CONNECTION[this.mode]}</p>
      <p class="setting-about">${say("These choices, drafts and messages that wait are kept in this browser; conversations, the default model and snippets on the server, for this browser's cookie.")}</p>
    </div>`;
  }

  /**
   * @template {"send_key" | "spoken"} K
   * @param {K} name
   * @param {string} label
   * @param {readonly (readonly [Device[K], string])[]} choices
   * @param {string} about
   */
  choice(name, label, choices, about) {
    const choose = (/** @type {Event} */ { target }) => {
      const chosen = choices.find(([value]) => target instanceof HTMLSelectElement && value === target.value);
      if (chosen) this.emit("device-change", { [name]: chosen[0] });
    };
    return html`<div class="setting">
      <label for=${`setting-${name}`}>${label}${about ? html`<span class="setting-about">${about}</span>` : nothing}</label>
      <select id=${`setting-${name}`} class="chooser" @change=${choose}>
        ${choices.map(([value, words]) => html`<option value=${value} .selected=${value === this.device[name]}>${words}</option>`)}
      </select>
    </div>`;
  }

  defaultModel() {
    const { default_model: chosen } = this.preferences;
    return html`<div class="setting">
      <label for="setting-model">${say("Default model")}<span class="setting-about">${say("Asked in new conversations.")}</span></label>
      <select id="setting-model" class="chooser" @change=${this.chooseModel}>
        <option value="" .selected=${chosen === null}>${say("As the server suggests")}</option>
        ${this.models.map(({ id, name }) => html`<option value=${id} .selected=${id === chosen}>${name}</option>`)}
      </select>
    </div>`;
  }

  /**
   * What becomes of an import: told in the dialog, and on the page when the dialog is closed by then.
   * @param {ImportState} progress
   */
  imported(progress) {
    this.progress = progress;
    if (progress.kind === "none" || progress.kind === "running") return;
    const only = progress.kind === "done" ? onlyOne(progress.imported) : null;
    const watched = this.open;
    if (only !== null && watched) this.dialog?.close();
    const app = this.closest("parley-app");
    if (app instanceof ParleyApp && (only !== null || !watched)) app.tell(progress.kind === "done" ? saidOf(progress.imported) : progress.message);
    this.emit("list-refresh", null);
    if (only !== null && watched) this.emit("conversation-open", { id: only });
  }

  /** @param {Event} event */
  wrap({ target }) {
    if (target instanceof HTMLInputElement) this.emit("device-change", { wrap_code: target.checked });
  }

  /** @param {Event} event */
  chooseModel({ target }) {
    if (target instanceof HTMLSelectElement) this.emit("model-default", { model: target.value || null });
  }
}

customElements.define("settings-dialog", SettingsDialog);
