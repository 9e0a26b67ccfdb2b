/** The composer: a field that grows, one button that sends or stops, and a draft that a reload does not lose. */

import { joined } from "../draft.js";
import { say } from "../say.js";
import { icon, make } from "./drawing.js";

/** @import {Kept} from "./storage.js" */

const DRAFT = "draft";
/** The second half of a double click on Send is not meant for Stop. */
const DOUBLE_CLICK_MS = 500;

/** It. */
export class Composer {
  #button = make("button", "round-button");
  #kept;
  #acts;
  #busy = false;
  /** Sent, and waiting where a reload would lose it. */
  #held = "";
  #sentAt = -DOUBLE_CLICK_MS;

  /**
   * @param {HTMLFormElement} form as the server wrote it
   * @param {Kept} kept
   * @param {{send: (text: string) => void, stop: () => void}} acts
   */
  constructor(form, kept, acts) {
    this.#kept = kept;
    this.#acts = acts;
    const area = form.querySelector("textarea");
    if (!area) throw new Error("The composer has no field.");
    this.area = area;
    form.querySelector("button")?.replaceWith(this.#button);
    this.#button.type = "submit";
    form.addEventListener("submit", (event) => this.#pressed(event));
    area.addEventListener("input", () => this.#changed());
    area.addEventListener("keydown", (event) => this.#keyed(event));
    const draft = kept.get(DRAFT);
    if (draft) area.value = draft;
    this.#draw();
    this.#fit();
  }

  get text() {
    return this.area.value;
  }

  /** @param {string} text */
  write(text) {
    this.area.value = text;
    this.#changed();
    this.area.setSelectionRange(text.length, text.length);
  }

  /** @param {boolean} busy whether an answer is being written */
  show(busy) {
    if (busy === this.#busy) return;
    this.#busy = busy;
    this.#draw();
  }

  /** @param {Event} event */
  #pressed(event) {
    event.preventDefault();
    if (!this.#busy) this.#send();
    else if (performance.now() - this.#sentAt >= DOUBLE_CLICK_MS) this.#acts.stop();
    this.area.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    // While an input method composes, Enter chooses a character. Safari says so by the key code only.
    if (event.isComposing || event.keyCode === 229 || event.key !== "Enter" || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!this.#busy) this.#send();
  }

  #send() {
    const { text } = this;
    if (text.trim() === "") return;
    this.#sentAt = performance.now();
    this.area.value = "";
    this.#changed();
    this.#acts.send(text);
  }

  /** @param {string} text that is kept with the draft, and not shown; "" when it need not be any more */
  hold(text) {
    this.#held = text;
    this.#changed();
  }

  #changed() {
    this.#kept.set(DRAFT, joined(this.#held, this.text));
    this.#fit();
    this.#draw();
  }

  #draw() {
    const action = this.#busy ? "stop" : "send";
    this.#button.disabled = !this.#busy && this.text.trim() === "";
    if (this.#button.dataset["action"] === action) return;
    this.#button.dataset["action"] = action;
    this.#button.setAttribute("aria-label", this.#busy ? say("Stop") : say("Send"));
    this.#button.replaceChildren(icon(action));
  }

  /** Browsers without `field-sizing` need the height by hand. */
  #fit() {
    if (CSS.supports("field-sizing", "content")) return;
    this.area.style.height = "auto";
    this.area.style.height = `${this.area.scrollHeight}px`;
  }
}
