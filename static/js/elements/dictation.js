/** `<dictation-button>`: speaking instead of typing, where the browser can hear. Off until it is pressed. */

import { html, nothing } from "../../vendor/lit.js";
import { say } from "../say.js";
import { microphoneIcon } from "./later-icons.js";
import { LightElement } from "./light-element.js";

/**
 * The part of the browsers' speech recognition that is used here; not all of them have it, and some under an older name.
 * @typedef {object} Recognition
 * @property {boolean} continuous
 * @property {boolean} interimResults
 * @property {string} lang
 * @property {((event: {results: Iterable<ArrayLike<{transcript: string}>>}) => void) | null} onresult
 * @property {((event: {error: string}) => void) | null} onerror
 * @property {(() => void) | null} onend
 * @property {() => void} start
 * @property {() => void} stop
 */
/** @typedef {{SpeechRecognition?: new () => Recognition, webkitSpeechRecognition?: new () => Recognition}} Hearing */

/** @returns {(new () => Recognition) | null} */
function recognition() {
  const { SpeechRecognition, webkitSpeechRecognition } = /** @type {Hearing} */ (/** @type {unknown} */ (window));
  return SpeechRecognition ?? webkitSpeechRecognition ?? null;
}

/** Errors that are no news: nothing was said, or the reader ended it. */
const QUIET = new Set(["no-speech", "aborted"]);
/** @type {Record<string, string>} */
const PROBLEMS = {
  "not-allowed": say("The browser does not allow the microphone here."),
  "audio-capture": say("There is no microphone."),
};
const OTHERWISE = say("Dictation does not work in this browser at the moment.");

/** The microphone. What it hears goes to its callbacks. */
export class DictationButton extends LightElement {
  /** @override */
  static properties = { known: { attribute: false }, listening: { state: true }, asking: { state: true } };

  constructor() {
    super();
    /** Whether the reader has been told where the sound goes. */
    this.known = false;
    this.listening = false;
    this.asking = false;
    /** @type {Recognition | null} */
    this.hearing = null;
    this.elsewhere = (/** @type {Event} */ { target }) => {
      if (target instanceof Node && !this.contains(target)) this.asking = false;
    };
    /** @type {() => void} it begins */
    this.begun = () => {};
    /** @type {(words: string) => void} all that was said since it began, also what may still change */
    this.heard = () => {};
    /** @type {(problem: string | null) => void} */
    this.ended = () => {};
  }

  /** @override */
  render() {
    if (!recognition()) return nothing;
    const label = this.listening ? say("Stop dictating") : say("Dictate");
    return html`<button type="button" class="icon-button" data-action="dictate" aria-label=${label} title=${label} aria-pressed=${this.listening} @click=${this.pressed}>${microphoneIcon}</button>
      ${this.asking ? this.question() : nothing}`;
  }

  question() {
    return html`<div class="bubble" role="dialog" aria-labelledby="dictation-about" @keydown=${this.keyed}>
      <p id="dictation-about">${say("Your browser turns what you say into words. Some browsers send the sound to their maker for that; this site does not get it.")}</p>
      <div class="bubble-actions">
        <button type="button" class="quiet-button" @click=${this.refuse}>${say("Cancel")}</button>
        <button type="button" class="button" data-action="agree" @click=${this.agree}>${say("Dictate")}</button>
      </div>
    </div>`;
  }

  /** @override */
  updated() {
    if (this.asking) document.addEventListener("pointerdown", this.elsewhere, { capture: true });
    else document.removeEventListener("pointerdown", this.elsewhere, { capture: true });
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("pointerdown", this.elsewhere, { capture: true });
    this.stop();
  }

  async pressed() {
    if (this.listening) this.stop();
    else if (this.known) this.start();
    else {
      this.asking = !this.asking;
      await this.updateComplete;
      if (this.asking) this.focusOn("[data-action=agree]");
    }
  }

  agree() {
    this.asking = false;
    this.emit("device-change", { dictates: true });
    this.start();
  }

  refuse() {
    this.asking = false;
    this.focusOn("[data-action=dictate]");
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.refuse();
  }

  start() {
    const Recognition = recognition();
    if (!Recognition || this.listening) return;
    const hearing = new Recognition();
    Object.assign(hearing, { continuous: true, interimResults: true, lang: navigator.language });
    hearing.onresult = ({ results }) => {
      if (this.hearing === hearing) this.heard(Array.from(results, (result) => result[0]?.transcript ?? "").join(""));
    };
    /** @type {string | null} */
    let problem = null;
    hearing.onerror = ({ error }) => (problem = QUIET.has(error) ? null : (PROBLEMS[error] ?? OTHERWISE));
    hearing.onend = () => this.hearing === hearing && this.over(problem);
    this.hearing = hearing;
    this.listening = true;
    this.begun();
    hearing.start();
  }

  /** Ends it at once: what is heard afterwards goes nowhere. */
  stop() {
    const { hearing } = this;
    if (!hearing) return;
    this.over(null);
    hearing.stop();
  }

  /** @param {string | null} problem */
  over(problem) {
    this.hearing = null;
    this.listening = false;
    this.ended(problem);
  }

  /** @param {string} selector */
  focusOn(selector) {
    const element = this.querySelector(selector);
    if (element instanceof HTMLElement) element.focus();
  }
}

customElements.define("dictation-button", DictationButton);
