/** `<chat-answer>`: one answer: its reasoning, its Markdown while it grows, and what stands below it. */

import { html, nothing } from "../../vendor/lit.js";
import { reasoningLabel } from "../facts.js";
import { MarkdownStream, MarkdownView } from "../markdown/index.js";
import "./answer-footer.js";
import "./answer-reasoning.js";
import { copyWithNotice } from "./clipboard.js";
import { LightElement } from "./light-element.js";

/** @import {Answer} from "../objects.js" */

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
    const running = answer.status === "running";
    return html`
      <h2 class="visually-hidden">Answer</h2>
      ${answer.reasoning === "" ? nothing : html`<answer-reasoning data-thinking=${running && answer.text === ""}
        .text=${answer.reasoning} .label=${reasoningLabel(answer)}></answer-reasoning>`}
      <div class="markdown" dir="auto" @click=${this.copyCode}></div>
      ${running ? nothing : html`<answer-footer .answer=${answer} .siblings=${this.siblings} .busy=${this.busy} .waiting=${this.waiting}></answer-footer>`}
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

  /** @param {Event} event */
  copyCode({ target }) {
    const button = target instanceof Element ? target.closest(".copy-code") : null;
    if (!(button instanceof HTMLButtonElement)) return;
    void copyWithNotice(button, button.closest("figure")?.querySelector("code")?.textContent ?? "");
  }
}

customElements.define("chat-answer", ChatAnswer);
