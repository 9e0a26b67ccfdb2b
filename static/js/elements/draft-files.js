/** `<draft-files>`: the files that will go with the message being written. */

import { html, nothing } from "../../vendor/lit.js";
import { attachmentPath } from "../api.js";
import { isPicture, sizeText } from "../state/attached.js";
import { againIcon, closeIcon, fileIcon } from "./icons.js";
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
  }

  /** @override */
  render() {
    if (!this.items.length) return nothing;
    return html`<ul class="files draft-files" aria-label="Files to send">${this.items.map((item) => html`<li>${this.chip(item)}</li>`)}</ul>`;
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  updated(changes) {
    const before = changes.get("items");
    // The newest is in sight, also where the place is scarce.
    if (Array.isArray(before) && before.length < this.items.length) this.querySelector("li:last-child")?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Attached} item */
  chip({ local, status, file, preview, progress, problem, again }) {
    const about = status === "failed" ? (problem ?? "Not uploaded.") : status === "ready" ? sizeText(file.size_bytes) : `Uploading, ${Math.round(progress * 100)} %`;
    const source = preview ?? (status === "ready" ? attachmentPath(file.id) : null);
    return html`<div class="file-chip" data-status=${status} title=${status === "failed" ? about : file.name}>
      ${isPicture(file) && source ? html`<img class="file-thumbnail" src=${source} alt="" decoding="async" />` : fileIcon}
      <span class="file-words"><span class="file-name" dir="auto">${file.name}</span><span class="file-about">${about}</span></span>
      ${status === "failed" && again ? html`<button type="button" class="icon-button" aria-label=${`Upload “${file.name}” again`} @click=${() => this.emit("file-retry", { local })}>${againIcon}</button>` : nothing}
      <button type="button" class="icon-button" aria-label=${`Remove “${file.name}”`} @click=${() => this.emit("file-remove", { local })}>${closeIcon}</button>
    </div>`;
  }
}

customElements.define("draft-files", DraftFiles);
