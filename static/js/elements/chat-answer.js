/** `<chat-answer>`: one answer: its reasoning, its Markdown while it grows, and what stands below it. */

import { html, nothing } from "../../vendor/lit.js";
import { reasoningLabel } from "../facts.js";
import { parseMarkdown } from "../markdown.js";
import "./answer-footer.js";
import "./answer-reasoning.js";
import { copyWithNotice } from "./clipboard.js";
import { LightElement } from "./light-element.js";
import { patch } from "./markdown-dom.js";

/** @import {Answer} from "../objects.js" */
/** @import {TreeNode} from "../markdown.js" */

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
    /** @type {readonly TreeNode[]} what the Markdown container shows now */
    this.shown = [];
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
    const tree = parseMarkdownOnce(this.text);
    patch(container, this.shown, tree);
    this.shown = tree;
  }

  /** @param {Event} event */
  copyCode({ target }) {
    const button = target instanceof Element ? target.closest(".copy-code") : null;
    if (!(button instanceof HTMLButtonElement)) return;
    void copyWithNotice(button, button.closest("figure")?.querySelector("code")?.textContent ?? "");
  }
}

/** @type {{text: string, tree: readonly TreeNode[]} | null} */
let last = null;

/**
 * The tree of a text; asked twice for one text in a row, it parses once.
 * @param {string} text
 * @returns {readonly TreeNode[]}
 */
function parseMarkdownOnce(text) {
  if (last?.text !== text) last = { text, tree: parseMarkdown(text) };
  return last.tree;
}

customElements.define("chat-answer", ChatAnswer);
