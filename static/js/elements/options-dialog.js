/** `<options-dialog>`: how the model is to answer in this conversation. */

import { html, nothing } from "../../vendor/lit.js";
import { readTyped, typed } from "../options.js";
import { say } from "../say.js";
import { LightElement } from "./light-element.js";

/** @import {ModelOptions} from "../objects.js" */
/** @import {Field} from "../options.js" */
/** @import {Panel} from "../state.js" */

/** The dialog; the browser gives the focus back to where it was when it closes. */
export class OptionsDialog extends LightElement {
  /** @override */
  static properties = {
    panel: { attribute: false },
    options: { attribute: false },
    fields: { state: true },
    problems: { state: true },
  };

  constructor() {
    super();
    /** @type {Panel | null} null while it is closed */
    this.panel = null;
    /** @type {ModelOptions} */
    this.options = {};
    this.fields = typed({});
    /** @type {Partial<Record<Field, string>>} what is wrong with which field */
    this.problems = {};
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  willUpdate(changes) {
    if (!this.panel || !changes.has("panel") || changes.get("panel")) return;
    this.fields = typed(this.options);
    this.problems = {};
  }

  /** @override */
  render() {
    return html`<dialog class="dialog" aria-labelledby="options-title" aria-describedby="options-about" @close=${this.closed}>
      ${this.panel ? this.form(this.panel) : nothing}
    </dialog>`;
  }

  /** @param {Panel} panel */
  form({ saving, problem }) {
    return html`<form novalidate @submit=${this.save}>
      <h2 id="options-title">${say("Options")}</h2>
      <p id="options-about" class="dialog-about">${say("For this conversation. A field left empty is the model's own choice.")}</p>
      <div class="field">
        <label for="option-system">${say("System prompt")}</label>
        <textarea id="option-system" name="system" rows="5" dir="auto" aria-describedby="option-system-hint" aria-invalid=${"system" in this.problems}
          .value=${this.fields.system} @input=${this.wrote}></textarea>
        ${this.hint("system", say("What the model is told before the conversation begins."))}
      </div>
      <div class="field-row">
        ${this.number("temperature", say("Temperature"), "0 to 2; higher is freer.")}
        ${this.number("top_p", "Top-p", say("Above 0, up to 1."))}
        ${this.number("max_tokens", say("Max tokens"), say("Of one answer."))}
      </div>
      <p class="dialog-problem" role="alert">${problem ?? ""}</p>
      <div class="dialog-actions">
        <button type="button" class="quiet-button" data-action="clear" @click=${this.clear}>${say("Empty all")}</button>
        <button type="button" class="quiet-button" data-action="cancel" @click=${() => this.dialog?.close()}>${say("Cancel")}</button>
        <button type="submit" class="button" ?disabled=${saving}>${saving ? say("Saving…") : say("Save")}</button>
      </div>
    </form>`;
  }

  /**
   * @param {Exclude<Field, "system">} field
   * @param {string} label
   * @param {string} about
   */
  number(field, label, about) {
    const id = `option-${field}`;
    return html`<div class="field">
      <label for=${id}>${label}</label>
      <input id=${id} name=${field} inputmode=${field === "max_tokens" ? "numeric" : "decimal"} autocomplete="off" aria-describedby="${id}-hint"
        aria-invalid=${field in this.problems} .value=${this.fields[field]} @input=${this.wrote} />
      ${this.hint(field, about)}
    </div>`;
  }

  /**
   * @param {Field} field
   * @param {string} about
   */
  hint(field, about) {
    const problem = this.problems[field];
    return html`<p id="option-${field}-hint" class="field-hint" data-kind=${problem ? "problem" : "plain"}>${problem ?? about}</p>`;
  }

  /** @override */
  updated() {
    const { dialog } = this;
    if (!dialog || dialog.open === (this.panel !== null)) return;
    if (this.panel) dialog.showModal();
    else dialog.close();
  }

  get dialog() {
    return this.querySelector("dialog");
  }

  /** @param {Event} event */
  wrote({ target }) {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)) return;
    this.fields = { ...this.fields, [target.name]: target.value };
    if (target.name in this.problems) this.problems = readTyped(this.fields).problems;
  }

  clear() {
    this.fields = typed({});
    this.problems = {};
    this.focusOn("textarea");
  }

  /** @param {Event} event */
  async save(event) {
    event.preventDefault();
    if (this.panel?.saving) return;
    const { options, problems } = readTyped(this.fields);
    this.problems = problems;
    await this.updateComplete;
    if (Object.keys(problems).length) this.focusOn("[aria-invalid=true]");
    else this.emit("options-save", { options });
  }

  /** By Escape or a button: the page learns that it is closed. */
  closed() {
    if (this.panel) this.emit("options-close", null);
  }

  /** @param {string} selector */
  focusOn(selector) {
    const element = this.querySelector(selector);
    if (element instanceof HTMLElement) element.focus();
  }
}

customElements.define("options-dialog", OptionsDialog);
