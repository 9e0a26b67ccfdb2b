/** `<language-choice>`: the page's language: kept in a cookie, by which the server sends the next page in it. A row of the settings. */

import { html, nothing } from "../../vendor/lit.js";
import { chooseLanguage, chosenLanguage } from "../look.js";
import { language, say } from "../say.js";
import { LightElement } from "./light-element.js";

/** A button of its own loads the page again: the keys that walk through the list choose each on their way. */
export class LanguageChoice extends LightElement {
  /** @override */
  static properties = { wanted: { state: true } };

  constructor() {
    super();
    this.wanted = chosenLanguage();
  }

  /** @override */
  render() {
    const tags = document.documentElement.dataset["languages"]?.split(" ") ?? [];
    const names = tags.map((tag) => ({ tag, name: nameOf(tag) })).sort((a, b) => a.name.localeCompare(b.name, language()));
    return html`<div class="setting">
      <label for="setting-language">${say("Language")}</label>
      <select id="setting-language" class="chooser" @change=${this.choose}>
        <option value="" .selected=${!tags.includes(this.wanted)}>${say("As the browser")}</option>
        ${names.map(({ tag, name }) => html`<option value=${tag} lang=${tag} .selected=${tag === this.wanted}>${name}</option>`)}
      </select>
      ${this.wanted === chosenLanguage() ? nothing : html`<button type="button" class="button" data-action="language" @click=${this.apply}>${say("Apply")}</button>`}
    </div>`;
  }

  /** @param {Event} event */
  choose({ target }) {
    if (target instanceof HTMLSelectElement) this.wanted = target.value;
  }

  /** The page begins anew, because its words are everywhere; what was written is kept. */
  apply() {
    chooseLanguage(this.wanted);
    location.reload();
  }
}

/**
 * @param {string} tag
 * @returns {string} what the language calls itself
 */
function nameOf(tag) {
  const name = new Intl.DisplayNames(tag, { type: "language", languageDisplay: "standard" }).of(tag) ?? tag;
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
}

customElements.define("language-choice", LanguageChoice);
