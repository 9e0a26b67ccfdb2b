/** `<answer-outline>`: the headings of a long answer: a quiet list in the margin where there is one, else a button above it. */

import { html } from "../../vendor/lit.js";
import { say } from "../say.js";
import { outlineIcon } from "./later-icons.js";
import { LightElement } from "./light-element.js";

/** The outline. */
export class AnswerOutline extends LightElement {
  /** @override */
  static properties = {
    headings: { attribute: false },
    open: { state: true },
  };

  constructor() {
    super();
    /** @type {readonly Element[]} in the order they stand in */
    this.headings = [];
    /** Whether the list is open, where a button opens it. */
    this.open = false;
  }

  /** @override */
  render() {
    const top = Math.min(...this.headings.map(level));
    return html`<nav class="headings" aria-label=${say("Outline of this answer")} data-open=${this.open} @keydown=${this.keyed} @focusout=${this.left}>
      <button type="button" class="quiet-button headings-toggle" aria-expanded=${this.open} @click=${() => (this.open = !this.open)}>${outlineIcon}<span>${say("Outline")}</span></button>
      <ol class="heading-list">
        ${this.headings.map((heading) => html`<li data-depth=${Math.min(2, level(heading) - top)}>
          <button type="button" class="heading-link" dir="auto" @click=${() => this.go(heading)}>${heading.textContent}</button>
        </li>`)}
      </ol>
    </nav>`;
  }

  /** @param {Element} heading */
  go(heading) {
    this.open = false;
    if (!(heading instanceof HTMLElement)) return;
    heading.tabIndex = -1; // so that reading, and the next Tab, go on from here
    heading.focus({ preventScroll: true });
    heading.scrollIntoView({ block: "start" });
  }

  /** @param {FocusEvent} event */
  left({ relatedTarget }) {
    if (!(relatedTarget instanceof Node && this.contains(relatedTarget))) this.open = false;
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (event.key !== "Escape" || !this.open) return;
    event.stopPropagation();
    this.open = false;
    this.querySelector("button")?.focus();
  }
}

/** @param {Element} heading */
const level = (heading) => Number(heading.getAttribute("data-level") ?? heading.tagName.slice(1));

customElements.define("answer-outline", AnswerOutline);
