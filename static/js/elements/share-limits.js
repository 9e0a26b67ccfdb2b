/** `<share-limits>`: how long a link lasts, for whom, and what stands on it. For a link that is to be, and for one that is changed. */

import { html, nothing } from "../../vendor/lit.js";
import { say } from "../say.js";
import { localTime, madePassword, NEW_LIMITS } from "../sharing-draft.js";
import { wrongWords } from "../sharing-words.js";
import { LightElement } from "./light-element.js";

/** @import {Expiry, LimitField, Limits} from "../sharing-draft.js" */

/** The fields. */
export class ShareLimits extends LightElement {
  /** @override */
  static properties = {
    limits: { attribute: false },
    wrong: { attribute: false },
    had: { attribute: false },
    plainTitle: { attribute: false },
    onChange: { attribute: false },
  };

  constructor() {
    super();
    /** @type {Limits} */
    this.limits = NEW_LIMITS;
    /** @type {readonly LimitField[]} the fields that are wrong */
    this.wrong = [];
    /** Whether the link has a password already. */
    this.had = false;
    /** The title that readers see when none is given. */
    this.plainTitle = "";
    /** @type {(limits: Limits) => void} */
    this.onChange = () => {};
  }

  /** @override */
  render() {
    return html`${this.expiry()} ${this.password()}
      <div class="field">
        <label for="share-views">${say("Largest number of views")}</label>
        <input id="share-views" name="most_views" inputmode="numeric" autocomplete="off" aria-describedby="share-views-hint" aria-invalid=${this.wrong.includes("most_views")}
          .value=${this.limits.most_views} @input=${this.wrote} />
        ${this.hint("most_views", "share-views-hint", say("Left empty: any number."))}
      </div>
      <div class="setting share-continue">
        <label for="share-continue">${say("Readers may continue it")}<span class="setting-about">${say("In a conversation of their own: yours stays as it is.")}</span></label>
        <input id="share-continue" type="checkbox" class="toggle" .checked=${this.limits.may_continue} @change=${this.ticked("may_continue")} />
      </div>
      <div class="field">
        <label for="share-name">${say("Title")}</label>
        <input id="share-name" name="title" autocomplete="off" maxlength="200" dir="auto" placeholder=${this.plainTitle} .value=${this.limits.title} @input=${this.wrote} />
      </div>
      <div class="field">
        <label for="share-author">${say("Your name")}</label>
        <input id="share-author" name="author" autocomplete="off" maxlength="80" dir="auto" aria-describedby="share-author-hint" .value=${this.limits.author} @input=${this.wrote} />
        <p id="share-author-hint" class="field-hint">${say("Shown to readers. Left empty: no name.")}</p>
      </div>`;
  }

  expiry() {
    const { expiry, date } = this.limits;
    /** @type {[Expiry, string][]} */
    const choices = [["hour", say("1 hour")], ["day", say("1 day")], ["week", say("1 week")], ["date", say("until a date")], ["never", say("for ever")]];
    return html`<div class="field">
      <label for="share-expiry">${say("The link works")}</label>
      <select id="share-expiry" class="chooser" aria-describedby="share-expiry-hint" @change=${this.choseExpiry}>
        ${choices.map(([value, words]) => html`<option value=${value} .selected=${value === expiry}>${words}</option>`)}
      </select>
      ${expiry === "date"
        ? html`<input type="datetime-local" name="date" aria-label=${say("The link works until")} aria-describedby="share-expiry-hint"
            aria-invalid=${this.wrong.includes("date")} min=${localTime(Date.now())} .value=${date} @input=${this.wrote} />`
        : nothing}
      ${this.hint("date", "share-expiry-hint", expiry === "never" ? say("Until you revoke it or delete the conversation. You can do both at any time.") : say("You can end it earlier at any time."))}
    </div>`;
  }

  password() {
    const { password, drop_password: dropped } = this.limits;
    return html`<div class="field">
      <label for="share-password">${this.had ? say("New password") : say("Password")}</label>
      <div class="share-password">
        <input id="share-password" name="password" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="200" dir="ltr" aria-describedby="share-password-hint"
          ?disabled=${dropped} .value=${password} @input=${this.wrote} />
        <button type="button" class="quiet-button outlined" ?disabled=${dropped} @click=${this.makeOne}>${say("Make one")}</button>
      </div>
      <p id="share-password-hint" class="field-hint">${this.had ? say("It has one. Left empty, that stays.") : say("Left empty: whoever has the link can read. Tell the password another way than the link.")}</p>
      ${this.had
        ? html`<label class="share-check"><input type="checkbox" .checked=${dropped} @change=${this.ticked("drop_password")} />${say("Take the password away")}</label>`
        : nothing}
    </div>`;
  }

  /**
   * @param {LimitField} field
   * @param {string} id
   * @param {string} about
   */
  hint(field, id, about) {
    const wrong = this.wrong.includes(field);
    return html`<p id=${id} class="field-hint" data-kind=${wrong ? "problem" : "plain"}>${wrong ? wrongWords(field) : about}</p>`;
  }

  /** @param {Partial<Limits>} news */
  change(news) {
    this.onChange({ ...this.limits, ...news });
  }

  /** @param {Event} event */
  wrote({ target }) {
    if (target instanceof HTMLInputElement) this.change({ [target.name]: target.value });
  }

  /** @param {"may_continue" | "drop_password"} field */
  ticked(field) {
    return (/** @type {Event} */ { target }) => {
      if (!(target instanceof HTMLInputElement)) return;
      this.change({ [field]: target.checked, ...(field === "drop_password" && target.checked ? { password: "" } : {}) });
    };
  }

  /** @param {Event} event */
  choseExpiry({ target }) {
    if (!(target instanceof HTMLSelectElement)) return;
    const expiry = /** @type {Expiry} */ (target.value);
    const date = this.limits.date || localTime(Date.now() + 30 * 86_400_000);
    this.change({ expiry, ...(expiry === "date" ? { date } : {}) });
  }

  async makeOne() {
    this.change({ password: madePassword((bytes) => crypto.getRandomValues(bytes)) });
    await this.updateComplete;
    const field = this.querySelector("#share-password");
    if (field instanceof HTMLInputElement) field.focus();
  }
}

customElements.define("share-limits", ShareLimits);
