/** `<chat-welcome>`: the first page, which says what can be done here. */

import { html } from "../../vendor/lit.js";
import { caps, FIRST_KEYS } from "../key-names.js";
import { say } from "../say.js";
import { askIcon, codeIcon, formatIcon } from "./icons.js";
import { keyCaps, MAC } from "./key-caps.js";
import { LightElement } from "./light-element.js";

const CODE = `${say("What does this code do, and what would you change?")}\n\n\`\`\`\n\n\`\`\`\n`;
const STARTERS = [
  { icon: askIcon, name: say("Ask something"), about: say("What can you do?"), text: say("What can you do?") },
  { icon: codeIcon, name: say("Bring code or a file"), about: say("Paste it, drop it on the page or attach it."), text: CODE },
  { icon: formatIcon, name: say("See it formatted"), about: say("Show me every kind of formatting"), text: say("Show me every kind of formatting") },
];
const SETTING_UP = say("How do I connect a real model?");
const HINTS = /** @type {const} */ ([["palette", say("find anything")], ["write", say("write")], ["shortcuts", say("all keys")]]);

/** What stands where the messages will be. */
export class ChatWelcome extends LightElement {
  /** @override */
  static properties = { guide: { attribute: false }, words: { attribute: false } };

  constructor() {
    super();
    /** Whether there is no model yet but the built-in guide. */
    this.guide = false;
    /** @type {string | undefined} the owner's own welcome */
    this.words = undefined;
  }

  /** @override */
  render() {
    return html`<div class="welcome">
      <h2>${say("What is on your mind?")}</h2>
      <p dir="auto">${this.words ?? say("Write below, or begin with one of these: you can change it first.")}</p>
      <ul class="starters">
        ${STARTERS.map(({ icon, name, about, text }) => html`<li>
          <button type="button" class="starter" @click=${() => this.emit("draft-change", { text })}>
            ${icon}<span class="starter-text">${name}</span><span class="starter-about">${about}</span>
          </button>
        </li>`)}
      </ul>
      <ul class="welcome-keys" aria-label=${say("Keyboard shortcuts")}>
        ${HINTS.map(([id, words]) => html`<li>${keyCaps(caps(FIRST_KEYS[id], MAC))} ${words}</li>`)}
      </ul>
      <p class="welcome-owner" data-shown=${this.guide}>${say("Do you run this site?")}
        <button type="button" class="text-button" @click=${() => this.emit("draft-change", { text: SETTING_UP })}>${SETTING_UP}</button></p>
    </div>`;
  }
}

customElements.define("chat-welcome", ChatWelcome);
