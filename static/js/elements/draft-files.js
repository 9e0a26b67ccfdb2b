/** `<draft-files>`: the files that will go with the message being written. */

import { html, nothing } from "../../vendor/lit.js";
import { attachmentPath } from "../api.js";
import { say } from "../say.js";
import { aboutFile, isPicture } from "../state/attached.js";
import { uploadingText } from "../state/uploading.js";
import { closeIcon, fileIcon } from "./icons.js";
import { againIcon } from "./later-icons.js";
import { LightElement } from "./light-element.js";

/** @import {Attached} from "../state/attached.js" */

/** The files of a draft. */
export class DraftFiles extends LightElement {
  /** @override */
  static properties = { items: { attribute: false } };

  constructor() {
    super();
    /** @type {readonly Attached[]} */
    this.items = [];
    /** @type {number | null} where a file was taken away, until it is gone */
    this.removedAt = null;
  }

  /** @override */
  render() {
    if (!this.items.length) return nothing;
    return html`<ul class="files draft-files" aria-label=${say("Files to send")}>${this.items.map((item, at) => html`<li>${this.chip(item, at)}</li>`)}</ul>`;
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  updated(changes) {
    const before = /** @type {readonly Attached[] | undefined} */ (changes.get("items"));
    if (!before) return;
    // The newest is in sight, also where the place is scarce, and so is one that failed.
    const failedBefore = new Set(before.map(({ local, status }) => (status === "failed" ? local : "")));
    const failed = this.items.findIndex(({ local, status }) => status === "failed" && !failedBefore.has(local));
    const seen = failed >= 0 ? failed : this.items.length > before.length ? this.items.length - 1 : -1;
    this.querySelectorAll("li")[seen]?.scrollIntoView({ block: "nearest" });
    if (this.removedAt !== null && this.items.length < before.length) this.focusAfterRemoval(this.removedAt);
  }

  /**
   * The button that was pressed is gone: the next one has its place, or the message when there is none.
   * @param {number} at
   */
  focusAfterRemoval(at) {
    this.removedAt = null;
    const buttons = this.querySelectorAll("button[data-action=remove]");
    const next = buttons[Math.min(at, buttons.length - 1)] ?? this.closest("form")?.querySelector("textarea");
    if (next instanceof HTMLElement) next.focus();
  }

  /**
   * @param {string} local
   * @param {number} at
   */
  takeAway(local, at) {
    this.removedAt = at;
    this.emit("file-remove", { local });
  }

  /**
   * @param {Attached} item
   * @param {number} at
   */
  chip(item, at) {
    const { local, status, file, preview, problem, again } = item;
    const about = status === "failed" ? (problem ?? say("Not uploaded.")) : status === "ready" ? aboutFile(file) : uploadingText(item);
    const source = preview ?? (status === "ready" ? attachmentPath(file.id) : null);
    return html`<div class="file-chip" data-status=${status} title=${status === "failed" ? about : file.name}>
      ${isPicture(file) && source ? html`<img class="file-thumbnail" src=${source} alt="" decoding="async" />` : fileIcon}
      <span class="file-words"><span class="file-name" dir="auto">${file.name}</span><span class="file-about">${about}</span></span>
      ${status === "failed" && again ? html`<button type="button" class="icon-button" aria-label=${say("Upload “{name}” again", { name: file.name })} @click=${() => this.emit("file-retry", { local })}>${againIcon}</button>` : nothing}
      <button type="button" class="icon-button" data-action="remove" aria-label=${say("Remove “{name}”", { name: file.name })} @click=${() => this.takeAway(local, at)}>${closeIcon}</button>
    </div>`;
  }
}

customElements.define("draft-files", DraftFiles);
