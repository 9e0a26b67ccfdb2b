/** `<answer-reasoning>`: what the model thought aloud, folded away above its answer. Plain text, however long. */

import { html } from "../../vendor/lit.js";
import { LightElement } from "./light-element.js";

/** After so many characters a new block begins at the next line: only the last block is laid out again as it grows. */
const BLOCK_CHARS = 2_000;

/** The fold. */
export class AnswerReasoning extends LightElement {
  /** @override */
  static properties = {
    text: { attribute: false },
    label: { attribute: false },
  };

  constructor() {
    super();
    /** The reasoning of one answer; it only ever grows. */
    this.text = "";
    this.label = "";
    /** How much of it is in the page: nothing before it is opened for the first time. */
    this.written = 0;
    /** @type {Text | null} the last block's text */
    this.last = null;
  }

  /** @override */
  render() {
    return html`<details class="reasoning" @toggle=${this.fill}>
      <summary><span class="reasoning-label">${this.label}</span></summary>
      <div class="reasoning-text"></div>
    </details>`;
  }

  /** @override */
  updated() {
    this.fill();
  }

  /** Writes what has come since, when somebody can see it. */
  fill() {
    const container = this.querySelector(".reasoning-text");
    if (!container || !this.querySelector("details")?.open) return;
    let rest = this.text.slice(this.written);
    this.written = this.text.length;
    while (rest) {
      this.last ??= this.begin(container);
      const room = Math.max(0, BLOCK_CHARS - this.last.length);
      const end = room < rest.length ? rest.indexOf("\n", room) + 1 : 0;
      this.last.appendData(end ? rest.slice(0, end) : rest);
      if (!end) return;
      rest = rest.slice(end);
      this.last = null;
    }
  }

  /**
   * @param {Element} container
   * @returns {Text}
   */
  begin(container) {
    const block = document.createElement("div");
    block.dir = "auto";
    const text = document.createTextNode("");
    block.append(text);
    container.append(block);
    return text;
  }
}

customElements.define("answer-reasoning", AnswerReasoning);
