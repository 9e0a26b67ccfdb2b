/** `<share-changes>`: other limits, another password or title for a link that exists. The link itself stays. */

import { html, nothing } from "../../vendor/lit.js";
import { ApiError } from "../api.js";
import { say } from "../say.js";
import { changeShare } from "../sharing-api.js";
import { changeOf, limitsOf, NEW_LIMITS, wrongIn } from "../sharing-draft.js";
import { problemWords } from "../sharing-words.js";
import { LightElement } from "./light-element.js";
import "./share-limits.js";

/** @import {LimitField, Limits} from "../sharing-draft.js" */
/** @import {Share} from "../sharing.js" */

/** The form. */
export class ShareChanges extends LightElement {
  /** @override */
  static properties = {
    share: { attribute: false },
    onSaved: { attribute: false },
    onBack: { attribute: false },
    limits: { state: true },
    wrong: { state: true },
    busy: { state: true },
    problem: { state: true },
  };

  constructor() {
    super();
    /** @type {Share | null} as it was when the form was opened */
    this.share = null;
    /** @type {(share: Share, password: string) => void} */
    this.onSaved = () => {};
    this.onBack = () => {};
    /** @type {Limits} */
    this.limits = NEW_LIMITS;
    /** @type {readonly LimitField[]} */
    this.wrong = [];
    this.busy = false;
    /** @type {string | null} */
    this.problem = null;
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  willUpdate(changes) {
    if (changes.has("share") && this.share) this.limits = limitsOf(this.share);
  }

  /** @override */
  render() {
    const { share } = this;
    if (!share) return nothing;
    return html`<form novalidate @submit=${this.submit}>
      <p class="dialog-about" dir="auto">${share.title}</p>
      <share-limits .limits=${this.limits} .wrong=${this.wrong} .had=${share.has_password} .plainTitle=${share.conversation_title} .onChange=${this.changed}></share-limits>
      <p class="dialog-problem" role="alert">${this.problem ?? ""}</p>
      <div class="dialog-actions">
        <button type="button" class="quiet-button" data-action="back" @click=${this.onBack}>${say("Back")}</button>
        <button type="submit" class="button" aria-disabled=${this.busy}>${this.busy ? say("Saving…") : say("Save")}</button>
      </div>
    </form>`;
  }

  changed = (/** @type {Limits} */ limits) => {
    this.limits = limits;
    if (this.wrong.length) this.wrong = this.wrongNow;
  };

  /** @returns {LimitField[]} what was left as it is cannot be wrong: a link that has ended may stay so */
  get wrongNow() {
    const was = this.share && limitsOf(this.share);
    return wrongIn(this.limits, Date.now()).filter((field) => field !== "date" || was?.date !== this.limits.date);
  }

  /** @param {Event} event */
  async submit(event) {
    event.preventDefault();
    const { share, limits } = this;
    if (!share || this.busy) return;
    this.wrong = this.wrongNow;
    await this.updateComplete;
    if (this.wrong.length) {
      await new Promise(requestAnimationFrame);
      const first = this.querySelector("[aria-invalid=true]");
      if (first instanceof HTMLElement) first.focus();
      return;
    }
    this.busy = true;
    this.problem = null;
    try {
      this.onSaved(await changeShare(share.id, changeOf(limitsOf(share), limits, Date.now())), limits.password);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemWords(error);
    } finally {
      this.busy = false;
    }
  }
}

customElements.define("share-changes", ShareChanges);
