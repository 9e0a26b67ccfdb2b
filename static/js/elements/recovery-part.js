/** `<recovery-part>`: a code that brings one's history to another browser: made, shown once, typed in. A part of `<my-data>`. */

import { html, nothing } from "../../vendor/lit.js";
import { ApiError } from "../api.js";
import { beginAnew } from "../actions/visitor.js";
import { makeRecoveryCode, recover, removeRecoveryCode } from "../my-data.js";
import { wrongWith } from "../recovery-code.js";
import { say, sayMany } from "../say.js";
import { copyWithNotice } from "./clipboard.js";
import { LightElement } from "./light-element.js";

/** The part. */
export class RecoveryPart extends LightElement {
  /** @override */
  static properties = {
    has: { attribute: false },
    code: { state: true },
    entering: { state: true },
    problem: { state: true },
    working: { state: true },
  };

  constructor() {
    super();
    /** Whether there is a code already. */
    this.has = false;
    /** The new one; shown this once. */
    this.code = "";
    /** Whether one is being typed. */
    this.entering = false;
    this.problem = "";
    this.working = false;
  }

  /** @override */
  render() {
    return html`<div class="setting">
      <span class="setting-name">${say("Recovery code")}<span class="setting-about">${this.about()}</span></span>
      <div class="my-data-row">
        <button type="button" class="quiet-button outlined" data-action="make-code" ?disabled=${this.working} @click=${this.make}>${this.has ? say("Make a new code") : say("Make a code")}</button>
        ${this.has && !this.code ? html`<button type="button" class="quiet-button outlined" ?disabled=${this.working} @click=${this.forget}>${say("Remove")}</button>` : nothing}
        ${this.entering ? nothing : html`<button type="button" class="quiet-button outlined" data-action="enter-code" @click=${this.enter}>${say("I have a code…")}</button>`}
      </div>
      ${this.code ? this.made() : nothing}
      ${this.entering ? this.field() : nothing}
      ${this.problem && !this.entering ? html`<p class="dialog-problem" role="alert">${this.problem}</p>` : nothing}
    </div>`;
  }

  about() {
    if (this.has) return say("You have one. A new code takes the place of the old one.");
    return say("Brings your conversations to another browser, or back after this one has lost its cookies.");
  }

  made() {
    return html`<div role="status">
      <code class="recovery-code">${this.code}</code>
      <p class="setting-about">${say("It is shown this once. Whoever has it has your conversations.")}</p>
      <p class="my-data-row">
        <button type="button" class="quiet-button outlined" @click=${this.copy}><span class="button-text">${say("Copy")}</span></button>
        <button type="button" class="quiet-button outlined" @click=${this.print}>${say("Print")}</button>
      </p>
    </div>`;
  }

  field() {
    return html`<form @submit=${this.use}>
      <label for="recovery-code">${say("The code from your other browser")}</label>
      <div class="my-data-row">
        <input id="recovery-code" autocomplete="off" autocapitalize="characters" spellcheck="false" dir="ltr" placeholder="XXXX-XXXX-…"
          aria-invalid=${this.problem !== ""} aria-describedby="recovery-problem" @input=${() => (this.problem = "")} />
        <button type="submit" class="button" ?disabled=${this.working}>${say("Bring my history here")}</button>
      </div>
      <p class="setting-about">${say("What you have in this browser comes along.")}</p>
      <p id="recovery-problem" class="dialog-problem" role="alert">${this.problem}</p>
    </form>`;
  }

  /** @param {() => Promise<void>} work */
  async tried(work) {
    this.working = true;
    this.problem = "";
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = error.problem.message;
    } finally {
      this.working = false;
    }
  }

  make() {
    void this.tried(async () => {
      this.code = await makeRecoveryCode();
      this.has = true;
    });
  }

  forget() {
    void this.tried(async () => {
      await removeRecoveryCode();
      this.has = false;
    });
  }

  async enter() {
    this.entering = true;
    this.problem = "";
    await this.updateComplete;
    this.querySelector("input")?.focus();
  }

  /** @param {Event} event */
  use(event) {
    event.preventDefault();
    const code = this.querySelector("input")?.value ?? "";
    this.problem = mistake(code);
    if (this.problem) return this.querySelector("input")?.focus();
    void this.tried(async () => {
      const { conversations } = await recover(code);
      beginAnew(sayMany(conversations, "Your history is here: {count} conversation.", "Your history is here: {count} conversations."), { keep: true });
    });
  }

  /** @param {Event} event */
  copy({ currentTarget }) {
    if (currentTarget instanceof HTMLButtonElement) void copyWithNotice(currentTarget, this.code);
  }

  /** The code alone, on paper: the page behind it is left out. */
  print() {
    const paper = document.createElement("p");
    paper.className = "code-on-paper";
    paper.textContent = say("Recovery code for {site}: {code}", { site: location.host, code: this.code });
    document.body.append(paper);
    document.documentElement.classList.add("printing-code");
    print();
    document.documentElement.classList.remove("printing-code");
    paper.remove();
  }
}

/**
 * What is wrong with a code that was typed, in a sentence.
 * @param {string} code
 * @returns {string} "" when it can be one
 */
function mistake(code) {
  switch (wrongWith(code)) {
    case null:
      return "";
    case "empty":
      return say("Type the code first.");
    case "short":
      return say("Something is missing: a code has 7 groups of 4 characters.");
    case "long":
      return say("This is too long: a code has 7 groups of 4 characters.");
    case "character":
      return say("There is a character in it that no code has. It may be another one that looks like it.");
    case "mistyped":
      return say("There is a mistake in it: compare it once more, character by character.");
  }
}

customElements.define("recovery-part", RecoveryPart);
