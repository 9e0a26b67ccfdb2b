/** `<answer-footer>`: how an answer ended, what can be done with it, and the facts of its making. */

import { html, nothing } from "../../vendor/lit.js";
import { canContinue, ending, facts } from "../facts.js";
import { copyWithNotice } from "./clipboard.js";
import { againIcon, continueIcon, copyIcon, factsIcon, nextIcon, previousIcon } from "./icons.js";
import { LightElement } from "./light-element.js";

/** @import {Answer} from "../objects.js" */

/** What stands below an answer. */
export class AnswerFooter extends LightElement {
  /** @override */
  static properties = {
    answer: { attribute: false },
    siblings: { attribute: false },
    busy: { attribute: false },
    waiting: { attribute: false },
    factsShown: { state: true },
  };

  constructor() {
    super();
    /** @type {Answer | null} an ended one */
    this.answer = null;
    /** @type {readonly string[]} the answers to the same question, this one included */
    this.siblings = [];
    /** Whether something runs in this conversation, so that nothing else may begin. */
    this.busy = false;
    /** @type {"again" | "continue" | null} what was asked of this answer and not acknowledged yet */
    this.waiting = null;
    this.factsShown = false;
  }

  /** @override */
  render() {
    const { answer } = this;
    if (!answer) return nothing;
    const words = ending(answer);
    return html`
      ${words === null ? nothing : html`<p class="ending" data-kind=${answer.status}>${words}</p>`}
      <div class="answer-actions">
        ${canContinue(answer) ? this.action("continue", "Continue", continueIcon) : nothing}
        ${answer.text ? html`<button type="button" class="quiet-button copy-answer" @click=${this.copyAll}>${copyIcon}<span class="button-text">Copy</span></button>` : nothing}
        ${this.action("again", "Again", againIcon)} ${this.switcher(answer)} ${this.factsButton(answer)}
      </div>
      ${this.factsShown ? this.facts(answer) : nothing}
    `;
  }

  /**
   * @param {"again" | "continue"} what
   * @param {string} label
   * @param {unknown} icon
   */
  action(what, label, icon) {
    const text = this.waiting === what ? "Starting…" : label;
    const act = () => this.answer && this.emit(`answer-${what}`, { answer: this.answer.id });
    return html`<button type="button" class="quiet-button" data-action=${what} ?disabled=${this.busy} @click=${act}>
      ${icon}<span class="button-text">${text}</span>
    </button>`;
  }

  /** @param {Answer} answer */
  switcher(answer) {
    const at = this.siblings.indexOf(answer.id);
    if (this.siblings.length < 2 || at < 0) return nothing;
    const step = (/** @type {number} */ by) => {
      const other = this.siblings[at + by];
      if (other) this.emit("answer-choose", { answer: other });
    };
    return html`<div class="switcher" role="group" aria-label="Answers to this question">
      <button type="button" class="quiet-button" aria-label="Previous answer" ?disabled=${at === 0} @click=${() => step(-1)}>${previousIcon}</button>
      <span>${at + 1}<span aria-hidden="true"> / </span><span class="visually-hidden"> of </span>${this.siblings.length}</span>
      <button type="button" class="quiet-button" aria-label="Next answer" ?disabled=${at === this.siblings.length - 1} @click=${() => step(1)}>${nextIcon}</button>
    </div>`;
  }

  /** @param {Answer} answer */
  factsButton(answer) {
    if (!facts(answer).length) return nothing;
    const toggle = () => (this.factsShown = !this.factsShown);
    return html`<button type="button" class="quiet-button facts-button" aria-label="About this answer" title="About this answer"
      aria-expanded=${this.factsShown} @click=${toggle}>${factsIcon}</button>`;
  }

  /** @param {Answer} answer */
  facts(answer) {
    return html`<dl class="facts">
      ${facts(answer).map(({ name, value }) => html`<div><dt>${name}</dt><dd dir="auto">${value}</dd></div>`)}
    </dl>`;
  }

  /** @param {Event} event */
  copyAll({ currentTarget }) {
    if (currentTarget instanceof HTMLButtonElement) void copyWithNotice(currentTarget, this.answer?.text ?? "");
  }
}

customElements.define("answer-footer", AnswerFooter);
