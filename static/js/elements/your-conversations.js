/** `<your-conversations>`: carrying all conversations away and bringing some in. A part of the settings. */

import { html, nothing } from "../../vendor/lit.js";
import { say, sayMany } from "../say.js";
import { sizeText } from "../state/attached.js";
import { exportAllPath, FORMS, saidOf } from "../transcripts.js";
import { download } from "./download.js";
import { LightElement } from "./light-element.js";
import "./menu-button.js";

/** @import {Importing, ImportState} from "../importing.js" */
/** @import {Imported} from "../transcripts.js" */

/** What a file is, is judged by its content; the names only help to find it. */
const ACCEPTED = ".json,.html,.htm,.zip,application/json,text/html,application/zip";
const ALL_FORMS = { html: say("Pages (HTML)"), md: "Markdown", json: "JSON" };

/** The section. */
export class YourConversations extends LightElement {
  /** @override */
  static properties = { importing: { attribute: false }, progress: { attribute: false } };

  constructor() {
    super();
    /** @type {Importing | null} */
    this.importing = null;
    /** @type {ImportState} */
    this.progress = { kind: "none" };
  }

  /** @override */
  render() {
    const running = this.progress.kind === "running";
    const forms = FORMS.map(({ form }) => ({ label: ALL_FORMS[form], action: () => download(exportAllPath(form)) }));
    return html`<section aria-labelledby="your-conversations">
      <h3 id="your-conversations">${say("Your conversations")}</h3>
      <div class="setting">
        <span class="setting-name">${say("Export everything")}<span class="setting-about">${say("One zip file with a file for each conversation. Pages and JSON hold all branches and attached files, and import again.")}</span></span>
        <menu-button .label=${say("Export everything")} .text=${say("Export…")} .icon=${null} .shape=${"quiet-button"} .items=${forms}></menu-button>
      </div>
      <div class="setting">
        <span class="setting-name">${say("Import")}<span id="import-about" class="setting-about">${say("Files exported here, or from ChatGPT, LibreChat, Open WebUI or NextChat: JSON, HTML or zip.")}</span></span>
        <button type="button" id="import" class="quiet-button outlined" aria-describedby="import-about" @click=${this.pressed}>${running ? say("Cancel") : say("Import…")}</button>
        <input type="file" hidden aria-label=${say("File to import")} accept=${ACCEPTED} @change=${this.chosen} />
        <div class="import-outcome" role="status">${this.outcome()}</div>
      </div>
      <div class="setting">
        <span class="setting-name">${say("Shared links")}<span class="setting-about">${say("What others can read, how often it was opened, and how to end it.")}</span></span>
        <button type="button" class="quiet-button outlined" @click=${() => this.emit("share-open", { conversation: null })}>${say("My links…")}</button>
      </div>
    </section>`;
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  updated(changes) {
    // Not when the dialog has just been opened: then it begins at its top.
    if (changes.get("progress")) this.querySelector(".import-outcome")?.scrollIntoView({ block: "nearest" });
  }

  outcome() {
    const { progress } = this;
    switch (progress.kind) {
      case "none":
        return nothing;
      case "running":
        return html`<p>${say("Importing… {size}", { size: sizeText(progress.bytes) })}</p>`;
      case "done":
        return html`<p>${saidOf(progress.imported)}</p>${leftOut(progress.imported)}`;
      case "cancelled":
        return html`<p>${progress.message}</p>`;
      case "failed":
        return html`<p class="dialog-problem">${progress.message}</p>`;
    }
  }

  /** One button for both, so that the focus stays where it is. */
  pressed() {
    if (this.progress.kind === "running") this.importing?.cancel();
    else this.querySelector("input")?.click();
  }

  /** @param {Event} event */
  chosen({ target }) {
    if (!(target instanceof HTMLInputElement)) return;
    const file = target.files?.[0];
    target.value = ""; // the same file can be chosen again
    if (file) void this.importing?.begin(file);
  }
}

/** @param {Imported} imported */
function leftOut({ problems, skipped }) {
  if (!problems.length) return nothing;
  const more = skipped - problems.length;
  return html`<ul class="import-problems">
    ${problems.map(({ title, problem }) => html`<li dir="auto"><strong>${title || say("Untitled")}</strong> ${problem}</li>`)}
    ${more > 0 ? html`<li>${sayMany(more, "and {count} more", "and {count} more")}</li>` : nothing}
  </ul>`;
}

customElements.define("your-conversations", YourConversations);
