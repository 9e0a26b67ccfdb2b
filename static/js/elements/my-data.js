/** `<my-data>`: what is stored about the visitor, and deleting all of it. A part of the settings, loaded with them. */

import { html, nothing } from "../../vendor/lit.js";
import { ApiError } from "../api.js";
import { beginAnew } from "../actions/visitor.js";
import { CONFIRMATION, deleteEverything, endPrivate, loadMyData } from "../my-data.js";
import { pathOf } from "../navigation.js";
import { language, say, sayMany } from "../say.js";
import { sizeText } from "../state/attached.js";
import { LightElement } from "./light-element.js";
import "./my-data-styles.js";
import "./recovery-part.js";

/** @import {MyData} from "../my-data.js" */

/** The section. */
export class MyDataPart extends LightElement {
  /** @override */
  static properties = { stored: { state: true }, problem: { state: true }, confirming: { state: true }, typed: { state: true }, working: { state: true } };

  constructor() {
    super();
    /** @type {MyData | null} */
    this.stored = null;
    this.problem = "";
    /** Whether it is being asked if everything shall go. */
    this.confirming = false;
    this.typed = "";
    this.working = false;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    void this.load();
  }

  async load() {
    await this.tried(async () => {
      this.stored = await loadMyData();
    });
  }

  /** @param {() => Promise<void>} work */
  async tried(work) {
    try {
      this.problem = "";
      await work();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = error.problem.message;
    }
  }

  /** @override */
  render() {
    const { stored } = this;
    return html`<section aria-labelledby="my-data">
      <h3 id="my-data">${say("My data")}</h3>
      ${this.problem ? html`<p class="dialog-problem" role="alert">${this.problem}</p>` : nothing}
      ${stored ? [facts(stored), this.privateOnes(stored)] : nothing}
      ${stored ? html`<recovery-part .has=${stored.has_recovery_code} @recovery-changed=${this.load}></recovery-part>` : nothing}
      ${this.deletion()}
      ${this.closest("parley-app")?.hasAttribute("data-leave") ? leave() : nothing}
    </section>`;
  }

  /** @param {MyData} stored */
  privateOnes({ hidden }) {
    if (!hidden.length) return nothing;
    return html`<div class="setting"><span class="setting-name">${say("Private conversations")}<span class="setting-about">${say("In the server's memory only.")}</span></span>
      <ul class="my-data-private">${hidden.map(({ id, title }) => html`<li class="my-data-row">
        <a class="quiet-button outlined" href=${pathOf(id)} dir="auto">${title || say("Untitled")}</a>
        <button type="button" class="quiet-button outlined" @click=${() => void this.end(id)}>${say("Close and forget")}</button>
      </li>`)}</ul></div>`;
  }

  /** @param {string} id */
  async end(id) {
    await this.tried(() => endPrivate(id));
    if (!this.problem) await this.load();
  }

  deletion() {
    if (!this.confirming) {
      return html`<div class="setting">
        <span class="setting-name">${say("Delete everything")}<span class="setting-about">${say("All conversations, files, links and settings of yours. Nothing brings them back.")}</span></span>
        <button type="button" class="quiet-button outlined danger" @click=${this.confirm}>${say("Delete everything…")}</button>
      </div>`;
    }
    return html`<form class="setting" @submit=${this.deleteAll}>
      <label for="confirm-deletion">${say("Type “{words}” to delete all that is stored about you. Export it first if you may want it again.", { words: CONFIRMATION })}</label>
      <div class="my-data-row">
        <input id="confirm-deletion" autocomplete="off" autocapitalize="off" spellcheck="false" .value=${this.typed} @input=${this.wrote} />
        <button type="submit" class="button" ?disabled=${this.working || this.typed.trim().toLowerCase() !== CONFIRMATION}>${say("Delete everything")}</button>
        <button type="button" class="quiet-button outlined" @click=${() => (this.confirming = false)}>${say("Cancel")}</button>
      </div>
    </form>`;
  }

  async confirm() {
    this.confirming = true;
    this.typed = "";
    await this.updateComplete;
    const field = this.querySelector("#confirm-deletion");
    if (field instanceof HTMLElement) field.focus();
  }

  /** @param {Event} event */
  wrote({ target }) {
    if (target instanceof HTMLInputElement) this.typed = target.value;
  }

  /** @param {Event} event */
  async deleteAll(event) {
    event.preventDefault();
    this.working = true;
    await this.tried(deleteEverything);
    this.working = false;
    if (!this.problem) beginAnew(say("Everything was deleted. This is a new beginning."));
  }
}

/** @param {MyData} stored */
function facts({ conversations, messages, files, snippets, shares, first_seen_ms: first, retention_days: days }) {
  const kept = sayMany(conversations.listed + conversations.archived, "{count} conversation", "{count} conversations");
  const rows = [
    [say("Conversations"), conversations.archived ? say("{kept}, {archived} of them archived", { kept, archived: conversations.archived }) : kept],
    [say("Messages"), messages.toLocaleString(language())],
    [say("Files"), files.count ? say("{count} ({size})", { count: files.count, size: sizeText(files.bytes) }) : say("none")],
    [say("Prompt snippets"), snippets.toLocaleString(language())],
    [say("Shared links"), shares.toLocaleString(language())],
    ...(first === null ? [] : [[say("First seen"), new Date(first).toLocaleDateString(language(), { dateStyle: "long" })]]),
  ];
  return html`<dl class="my-data-facts">${rows.map(([name, fact]) => html`<dt>${name}</dt><dd>${fact}</dd>`)}</dl>
    <p class="setting-about">${days
      ? sayMany(days, "It is stored on this server. Conversations are deleted one day after their last message.", "It is stored on this server. Conversations are deleted {count} days after their last message.")
      : say("It is stored on this server, until you delete it.")}</p>`;
}

function leave() {
  return html`<form class="setting" method="post" action="/leave">
    <span class="setting-name">${say("Leave this site")}<span class="setting-about">${say("Your conversations stay here for this browser.")}</span></span>
    <button class="quiet-button outlined">${say("Leave")}</button>
  </form>`;
}

customElements.define("my-data", MyDataPart);
