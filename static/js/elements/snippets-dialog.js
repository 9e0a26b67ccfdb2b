/** `<snippets-dialog>`: the visitor's snippets: added, renamed, changed, deleted. They are kept on the server, for all tabs. */

import { html, nothing } from "../../vendor/lit.js";
import { say } from "../say.js";
import { MOST_SNIPPETS, nameFrom, wrongWith } from "../snippets.js";
import { closeIcon } from "./icons.js";
import { ModalElement } from "./modal-element.js";

/** @import {Snippet} from "../objects.js" */

/** @typedef {{was: Snippet | null, name: string, text: string}} Edited `was`: the one that is changed; null for a new one */

/** The dialog: a list of them, or one that is written. */
export class SnippetsDialog extends ModalElement {
  /** @override */
  static properties = {
    ...ModalElement.properties,
    snippets: { attribute: false },
    edited: { state: true },
    wrong: { state: true },
    saving: { state: true },
  };

  constructor() {
    super("snippets");
    /** @type {readonly Snippet[]} */
    this.snippets = [];
    /** @type {Edited | null} */
    this.edited = null;
    /** @type {{name?: string, text?: string, all?: string}} what is wrong with which field, or with saving it */
    this.wrong = {};
    this.saving = false;
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  willUpdate(changes) {
    if (!changes.has("open") || !this.open) return;
    this.wrong = {};
    this.saving = false;
    // Without any there is nothing to look at: the first one is written at once.
    this.edited = this.snippets.length ? null : { was: null, name: "", text: "" };
  }

  /** @override */
  render() {
    return html`<dialog class="dialog sheet" aria-labelledby="snippets-title" @close=${this.closed} @click=${this.clicked} @cancel=${this.cancelled}>
      ${this.open ? (this.edited ? this.form(this.edited) : this.list()) : nothing}
    </dialog>`;
  }

  list() {
    return html`<div class="dialog-body">
      ${this.head(say("Snippets"))}
      <p class="dialog-about">${say("Type / and a name at the beginning of a line, and the text is put in.")}</p>
      <ul class="snippet-rows">${this.snippets.map((snippet) => this.row(snippet))}</ul>
      <p class="dialog-problem" role="alert">${this.wrong.all ?? ""}</p>
      <div class="dialog-actions">
        ${this.snippets.length < MOST_SNIPPETS ? html`<button type="button" class="button" data-action="new" @click=${() => this.write(null)}>${say("New snippet")}</button>` : nothing}
      </div>
    </div>`;
  }

  /** @param {string} title */
  head(title) {
    return html`<header class="dialog-head">
      <h2 id="snippets-title">${title}</h2>
      <button type="button" class="icon-button" aria-label=${say("Close")} @click=${() => this.dialog?.close()}>${closeIcon}</button>
    </header>`;
  }

  /** @param {Snippet} snippet */
  row(snippet) {
    const { name, text } = snippet;
    return html`<li class="snippet-row">
      <span class="snippet-words"><span class="snippet-name" dir="auto">/${name}</span><span class="snippet-text" dir="auto">${text}</span></span>
      <button type="button" class="quiet-button" aria-label=${say("Change {name}", { name: `/${name}` })} @click=${() => this.write(snippet)}>${say("Change")}</button>
      <button type="button" class="quiet-button" aria-label=${say("Delete {name}", { name: `/${name}` })} ?disabled=${this.saving} @click=${() => void this.drop(name)}>${say("Delete")}</button>
    </li>`;
  }

  /** @param {Edited} edited */
  form({ was, name, text }) {
    return html`<form class="dialog-body" novalidate @submit=${this.submit}>
      ${this.head(was ? say("Change a snippet") : say("New snippet"))}
      <p class="dialog-about">${say("Type / and the name at the beginning of a line, and the text is put in.")}</p>
      ${this.field("name", say("Name"), say("Without spaces; it is typed behind the /."), html`<input id="snippet-name" name="name" autofocus autocomplete="off" autocapitalize="none" dir="auto"
        aria-describedby="snippet-name-hint" aria-invalid=${"name" in this.wrong} .value=${name} @input=${this.wrote} />`)}
      ${this.field("text", say("Text"), say("{braces} marks where the cursor goes.", { braces: "{}" }), html`<textarea id="snippet-text" name="text" rows="6" dir="auto"
        aria-describedby="snippet-text-hint" aria-invalid=${"text" in this.wrong} .value=${text} @input=${this.wrote}></textarea>`)}
      <p class="dialog-problem" role="alert">${this.wrong.all ?? ""}</p>
      <div class="dialog-actions">
        <button type="button" class="quiet-button" data-action="back" @click=${() => this.back()}>${this.snippets.length ? say("Back") : say("Cancel")}</button>
        <button type="submit" class="button" ?disabled=${this.saving}>${this.saving ? say("Saving…") : say("Save")}</button>
      </div>
    </form>`;
  }

  /**
   * @param {"name" | "text"} field
   * @param {string} label
   * @param {string} about
   * @param {unknown} control
   */
  field(field, label, about, control) {
    const problem = this.wrong[field];
    return html`<div class="field">
      <label for="snippet-${field}">${label}</label>
      ${control}
      <p id="snippet-${field}-hint" class="field-hint" data-kind=${problem ? "problem" : "plain"}>${problem ?? about}</p>
    </div>`;
  }

  /** @override */
  get unsaved() {
    const { edited } = this;
    return edited !== null && (edited.name !== (edited.was?.name ?? "") || edited.text !== (edited.was?.text ?? ""));
  }

  /** @param {Snippet | null} was the one to change; null for a new one */
  async write(was) {
    const { name, text } = was ?? { name: "", text: "" };
    this.wrong = {};
    this.edited = { was, name, text };
    await this.updateComplete;
    this.focusOn("#snippet-name");
  }

  /** Back to the list. @param {string | undefined} [name] the snippet whose row gets the focus */
  async back(name = this.edited?.was?.name) {
    if (!this.snippets.length) return this.dialog?.close();
    const at = this.snippets.findIndex((one) => one.name === name);
    this.edited = null;
    this.wrong = {};
    await this.updateComplete;
    this.focusOn(`li:nth-child(${at + 1}) button`, "[data-action=new]");
  }

  /** Escape leaves what is written first, and the dialog only then. @param {Event} event */
  cancelled(event) {
    if (!this.edited || !this.snippets.length) return;
    event.preventDefault();
    void this.back();
  }

  /** @param {Event} event */
  wrote({ target }) {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) || !this.edited) return;
    this.edited = { ...this.edited, [target.name]: target.value };
    if (Object.keys(this.wrong).length) this.wrong = this.problems(this.edited) ?? {};
  }

  /** @param {Edited} edited */
  problems({ was, name, text }) {
    return wrongWith({ name: nameFrom(name), text }, this.snippets.filter((other) => other.name !== was?.name));
  }

  /** @param {Event} event */
  async submit(event) {
    event.preventDefault();
    const { edited } = this;
    if (!edited || this.saving) return;
    this.wrong = this.problems(edited) ?? {};
    await this.updateComplete;
    if (Object.keys(this.wrong).length) return this.focusOn("[aria-invalid=true]");
    const { was } = edited;
    // Other tabs change the list as well: its place may be another's now.
    if (was && !this.snippets.some(({ name }) => name === was.name)) {
      this.edited = { ...edited, was: null };
      this.wrong = { all: say("{name} was deleted or renamed meanwhile. Save again to keep this as a new snippet.", { name: `/${was.name}` }) };
      return;
    }
    const snippet = { name: nameFrom(edited.name), text: edited.text };
    const snippets = was ? this.snippets.map((other) => (other.name === was.name ? snippet : other)) : [...this.snippets, snippet];
    if (await this.save(snippets)) await this.back(snippet.name);
  }

  /** @param {string} name */
  async drop(name) {
    const at = this.snippets.findIndex((one) => one.name === name);
    if (!(await this.save(this.snippets.filter((other) => other.name !== name)))) return;
    await this.updateComplete;
    this.focusOn(`li:nth-child(${Math.min(at + 1, this.snippets.length)}) button`, "[data-action=new]");
  }

  /**
   * @param {readonly Snippet[]} snippets
   * @returns {Promise<boolean>} whether they are kept
   */
  async save(snippets) {
    this.saving = true;
    const problem = await new Promise((/** @type {(problem: string | null) => void} */ answered) => this.emit("snippets-save", { snippets, answered }));
    this.saving = false;
    if (problem === null) this.snippets = snippets; // they come from above as well, a frame later
    else this.wrong = { all: problem };
    return problem === null;
  }

  /**
   * The first of these that there is.
   * @param {string[]} selectors
   */
  focusOn(...selectors) {
    const element = selectors.map((selector) => this.querySelector(selector)).find((one) => one !== null);
    if (element instanceof HTMLElement) element.focus();
  }
}

customElements.define("snippets-dialog", SnippetsDialog);
