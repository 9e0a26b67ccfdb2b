/** `<share-form>`: what readers get, whether it goes on, and its limits. Everything has a default that most people want. */

import { html, nothing } from "../../vendor/lit.js";
import { say, sayMany } from "../say.js";
import { allOf, isChosen, pairsOf, toggled } from "../sharing-choice.js";
import { newDraft, wrongIn } from "../sharing-draft.js";
import { limitsWords, messagesWords } from "../sharing-words.js";
import { LightElement } from "./light-element.js";
import "./share-limits.js";

/** @import {Pair} from "../sharing-choice.js" */
/** @import {LimitField, ShareDraft} from "../sharing-draft.js" */
/** @import {Scope, ShareKind} from "../sharing.js" */
/** @import {Shown} from "../state/tree.js" */

/** The form. */
export class ShareForm extends LightElement {
  /** @override */
  static properties = {
    draft: { attribute: false },
    shown: { attribute: false },
    plainTitle: { attribute: false },
    onChange: { attribute: false },
    onNext: { attribute: false },
    onCancel: { attribute: false },
    wrong: { state: true },
    none: { state: true },
  };

  constructor() {
    super();
    /** @type {ShareDraft} */
    this.draft = newDraft("", null, new Set());
    /** @type {readonly Shown[]} the branch in view */
    this.shown = [];
    this.plainTitle = "";
    /** @type {(draft: ShareDraft) => void} */
    this.onChange = () => {};
    this.onNext = () => {};
    this.onCancel = () => {};
    /** @type {readonly LimitField[]} */
    this.wrong = [];
    /** Whether somebody went on without any message. */
    this.none = false;
  }

  /** @override */
  render() {
    const { draft } = this;
    return html`<form novalidate @submit=${this.submit}>
      ${this.choice("scope", say("What readers get"), draft.scope, this.scopes(), (scope) => this.change({ scope }))}
      ${draft.scope === "chosen" ? this.messages() : nothing}
      ${this.choice("kind", say("What comes later"), draft.kind, this.kinds(), (kind) => this.change({ kind }))}
      <details class="share-more">
        <summary><span>${say("Limits and names")}</span> <span class="share-summary" dir="auto">${limitsWords(draft.limits, Date.now())}</span></summary>
        <share-limits .limits=${draft.limits} .wrong=${this.wrong} .plainTitle=${this.plainTitle} .onChange=${this.limited}></share-limits>
      </details>
      <p class="dialog-problem" role="alert">${this.none ? say("Choose at least one message.") : ""}</p>
      <div class="dialog-actions">
        <button type="button" class="quiet-button" data-action="cancel" @click=${this.onCancel}>${say("Cancel")}</button>
        <button type="submit" class="button">${say("Next: look it over")}</button>
      </div>
    </form>`;
  }

  /** @returns {[Scope, string, string][]} */
  scopes() {
    return [
      ["branch", say("The conversation as you see it"), say("This branch: {messages}.", { messages: messagesWords(this.shown.length) })],
      ["whole", say("All of it"), say("With every version of questions and answers.")],
      ["chosen", say("Chosen messages"), ""],
    ];
  }

  /** @returns {[ShareKind, string, string][]} */
  kinds() {
    return [
      ["snapshot", say("Snapshot"), say("Readers see what is there now, until you move the link on.")],
      ["live", say("Live"), this.draft.scope === "chosen"
        ? say("Readers watch those of these answers that are still being written.")
        : say("Readers see what follows, too, and answers while they are being written.")],
    ];
  }

  /**
   * @template {string} T
   * @param {string} name
   * @param {string} label
   * @param {T} chosen
   * @param {readonly [T, string, string][]} choices
   * @param {(value: T) => void} choose
   */
  choice(name, label, chosen, choices, choose) {
    return html`<fieldset class="share-choices">
      <legend>${label}</legend>
      ${choices.map(([value, words, about]) => html`<label class="share-check">
        <input type="radio" name=${`share-${name}`} value=${value} .checked=${value === chosen} @change=${() => choose(value)} />
        <span>${words}${about ? html`<span class="setting-about">${about}</span>` : nothing}</span>
      </label>`)}
    </fieldset>`;
  }

  messages() {
    const pairs = pairsOf(this.shown);
    const { chosen } = this.draft;
    return html`<div class="share-messages" role="group" aria-label=${say("Messages to share")}>
      <div class="share-messages-head">
        <span role="status">${say("{count} of {all} messages", { count: chosen.size, all: this.shown.length })}</span>
        <button type="button" class="quiet-button" data-action="all" @click=${() => this.change({ chosen: allOf(pairs) })}>${say("All")}</button>
        <button type="button" class="quiet-button" data-action="none" @click=${() => this.change({ chosen: new Set() })}>${say("None")}</button>
      </div>
      <div class="share-pairs">${pairs.map((pair) => this.pair(pair))}</div>
    </div>`;
  }

  /** @param {Pair} pair */
  pair(pair) {
    const { chosen } = this.draft;
    const line = (/** @type {string} */ words) => words.trim().slice(0, 200);
    return html`<label class="share-check share-pair">
      <input type="checkbox" .checked=${isChosen(chosen, pair)} @change=${() => this.change({ chosen: toggled(chosen, pair) })} />
      <span>
        ${pair.question ? html`<span class="share-line" dir="auto">${line(pair.question)}</span>` : nothing}
        ${pair.answer ? html`<span class="share-line share-answer" dir="auto">${line(pair.answer)}</span>` : nothing}
        ${pair.files ? html`<span class="share-line share-answer">${sayMany(pair.files, "{count} file", "{count} files")}</span>` : nothing}
      </span>
    </label>`;
  }

  /** @param {Partial<ShareDraft>} news */
  change(news) {
    this.none = false;
    this.onChange({ ...this.draft, ...news });
  }

  limited = (/** @type {ShareDraft["limits"]} */ limits) => {
    if (this.wrong.length) this.wrong = wrongIn(limits, Date.now());
    this.change({ limits });
  };

  /** @param {Event} event */
  async submit(event) {
    event.preventDefault();
    this.wrong = wrongIn(this.draft.limits, Date.now());
    this.none = this.draft.scope === "chosen" && !this.draft.chosen.size;
    if (!this.wrong.length && !this.none) return this.onNext();
    const more = this.querySelector("details");
    if (this.wrong.length && more) more.open = true;
    await this.updateComplete;
    await new Promise(requestAnimationFrame);
    const first = this.querySelector(this.wrong.length ? "[aria-invalid=true]" : ".share-pair input");
    if (first instanceof HTMLElement) first.focus();
  }
}

customElements.define("share-form", ShareForm);
