/** `<held-message>`: the message that is sent when the answer has ended. */

import { html, nothing } from "../../vendor/lit.js";
import { say } from "../say.js";
import { LightElement } from "./light-element.js";

/** @import {Held, Prospect} from "../state/held.js" */

/** @type {Record<Prospect, string>} */
const WORDS = {
  waits: say("Waits for the end of the answer"),
  failed: say("The answer failed. Send anyway?"),
  cut: say("The answer was cut off. Send anyway?"),
  pictures: say("The chosen model takes no pictures. Choose another one, and it is sent."),
  goes: say("Being sent…"),
};

/** It stands above the text that is being written. */
export class HeldMessage extends LightElement {
  /** @override */
  static properties = {
    held: { attribute: false },
    prospect: { attribute: false },
    running: { attribute: false },
    stopping: { attribute: false },
  };

  constructor() {
    super();
    /** @type {Held | null} */
    this.held = null;
    /** @type {Prospect | null} */
    this.prospect = null;
    /** @type {string | null} the answer it waits for */
    this.running = null;
    this.stopping = false;
  }

  /** @override */
  render() {
    const { held, prospect } = this;
    if (!held || !prospect) return nothing;
    const { text, files } = held;
    return html`<section class="held" aria-label=${say("Message that waits")} data-prospect=${prospect}>
      <p class="held-about" role="status">${WORDS[prospect]}</p>
      <p class="held-text" dir="auto">${text}</p>
      ${files.length ? html`<p class="held-files">${files.map(({ name }) => name).join(", ")}</p>` : nothing}
      <div class="held-actions">
        ${this.forward()}
        <button type="button" class="quiet-button" data-action="held-edit" @click=${() => this.emit("held-edit", null)}>${say("Edit")}</button>
        <button type="button" class="quiet-button" data-action="held-drop" @click=${() => this.emit("held-drop", null)}>${say("Remove")}</button>
      </div>
    </section>`;
  }

  /** What was added last is in sight. @override */
  updated() {
    const words = this.querySelector(".held-text");
    if (words) words.scrollTop = words.scrollHeight;
  }

  /** The way to have it sent now, where there is one. */
  forward() {
    const { running, prospect } = this;
    if (prospect === "failed" || prospect === "cut") {
      return html`<button type="button" class="quiet-button" data-action="held-send" @click=${() => this.emit("held-send", null)}>${say("Send anyway")}</button>`;
    }
    if (prospect !== "waits" || running === null) return nothing;
    return html`<button type="button" class="quiet-button" data-action="held-stop" ?disabled=${this.stopping}
      @click=${() => this.emit("answer-stop", { answer: running })}>${this.stopping ? say("Stopping…") : say("Stop and send now")}</button>`;
  }
}

customElements.define("held-message", HeldMessage);
