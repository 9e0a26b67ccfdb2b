/** `<chat-welcome>`: the first page, which says what can be done here. */

import { html } from "../../vendor/lit.js";
import { LightElement } from "./light-element.js";

const STARTERS = [
  { text: "What can you do?", about: "A short tour of this chat" },
  { text: "Show me every kind of formatting", about: "Lists, tables, code and more" },
  { text: "How do I connect a real model?", about: "For whoever runs this site" },
];

/** What stands where the messages will be. */
export class ChatWelcome extends LightElement {
  /** @override */
  render() {
    return html`<div class="welcome">
      <h2>What is on your mind?</h2>
      <p>Write below, or begin with one of these. A click puts it into the message field, where you can change it before you send it.</p>
      <ul class="starters">
        ${STARTERS.map(({ text, about }) => html`<li>
          <button type="button" class="starter" @click=${() => this.emit("draft-change", { text })}>
            <span class="starter-text">${text}</span><span class="starter-about">${about}</span>
          </button>
        </li>`)}
      </ul>
    </div>`;
  }
}

customElements.define("chat-welcome", ChatWelcome);
