/** `<chat-answer>`: one answer, its Markdown while it grows, and what can be done with it. */

import { html, nothing } from "../../vendor/lit.js";
import { MarkdownStream, MarkdownView } from "../markdown/index.js";
import { copyWithNotice } from "./clipboard.js";
import { againIcon, continueIcon, copyIcon, nextIcon, previousIcon } from "./icons.js";
import { LightElement } from "./light-element.js";

/** @import {Answer} from "../objects.js" */

/** What the footer says when an answer did not simply finish. */
const ENDINGS = {
  running: null,
  done: null,
  stopped: "Stopped.",
  failed: "The answer failed.",
  interrupted: "The server stopped while it was writing this.",
};

/** One answer. */
export class ChatAnswer extends LightElement {
  /** @override */
  static properties = {
    answer: { attribute: false },
    text: { attribute: false },
    siblings: { attribute: false },
    busy: { attribute: false },
    waiting: { attribute: false },
  };

  constructor() {
    super();
    /** @type {Answer | null} */
    this.answer = null;
    /** The answer's text as it came, before Markdown. */
    this.text = "";
    /** @type {readonly string[]} the answers to the same question, this one included */
    this.siblings = [];
    /** Whether something runs in this conversation, so that nothing else may begin. */
    this.busy = false;
    /** @type {"again" | "continue" | null} what was asked of this answer and not acknowledged yet */
    this.waiting = null;
    this.stream = new MarkdownStream();
    /** What the stream was given so far. */
    this.read = "";
    /** @type {MarkdownView | null} */
    this.view = null;
  }

  /** @override */
  render() {
    const { answer } = this;
    if (!answer) return nothing;
    return html`
      <h2 class="visually-hidden">Answer</h2>
      <div class="markdown" dir="auto" @click=${this.copyCode}></div>
      ${answer.status === "running" ? nothing : this.footer(answer)}
    `;
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  updated(changes) {
    if (!changes.has("text") && !changes.has("answer")) return;
    const container = this.querySelector(".markdown");
    if (!container) return;
    this.readText();
    if (this.view?.element !== container) this.view = new MarkdownView(container);
    this.view.show(this.stream.root);
  }

  /** Gives the stream what is new in the text; another text, or one that goes on after its end, begins anew. */
  readText() {
    const goesOn = this.text.startsWith(this.read) && !(this.stream.ended && this.text.length > this.read.length);
    if (!goesOn) {
      this.stream = new MarkdownStream();
      this.read = "";
    }
    this.stream.append(this.text.slice(this.read.length));
    this.read = this.text;
    if (this.answer?.status !== "running") this.stream.end();
  }

  /** @param {Answer} answer */
  footer(answer) {
    const ending = answer.status === "failed" ? (answer.error?.message ?? ENDINGS.failed) : ENDINGS[answer.status];
    const canContinue = answer.status !== "done" && answer.text !== "";
    return html`
      ${ending === null ? nothing : html`<p class="ending" data-kind=${answer.status}>${ending}</p>`}
      <div class="answer-actions">
        ${canContinue ? this.action("continue", "Continue", continueIcon) : nothing}
        ${answer.text ? html`<button type="button" class="quiet-button copy-answer" @click=${this.copyAll}>${copyIcon}<span class="button-text">Copy</span></button>` : nothing}
        ${this.action("again", "Again", againIcon)} ${this.switcher(answer)}
      </div>
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

  /** @param {Event} event */
  copyAll({ currentTarget }) {
    if (currentTarget instanceof HTMLButtonElement) void copyWithNotice(currentTarget, this.text);
  }

  /** @param {Event} event */
  copyCode({ target }) {
    const button = target instanceof Element ? target.closest(".copy-code") : null;
    if (!(button instanceof HTMLButtonElement)) return;
    void copyWithNotice(button, button.closest("figure")?.querySelector("code")?.textContent ?? "");
  }
}

customElements.define("chat-answer", ChatAnswer);
