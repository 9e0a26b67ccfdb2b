/** `<choosing-bar>`: what can be done with the conversations that are chosen. */

import { html } from "../../vendor/lit.js";
import { say, sayMany } from "../say.js";
import { deleteIcon } from "./icons.js";
import { archiveIcon, tagIcon } from "./later-icons.js";
import { LightElement } from "./light-element.js";
import { openTags } from "./tags-dialog.js";

/** @import {Conversation} from "../objects.js" */
/** @import {RowActions} from "./row-actions.js" */

/** The bar above the list. */
export class ChoosingBar extends LightElement {
  /** @override */
  static properties = { selected: { attribute: false }, items: { attribute: false }, archived: { attribute: false } };

  constructor() {
    super();
    /** @type {ReadonlySet<string>} */
    this.selected = new Set();
    /** @type {readonly Conversation[]} */
    this.items = [];
    /** Whether the archive is listed. */
    this.archived = false;
    /** @type {RowActions | null} */
    this.rows = null;
  }

  /** @override */
  render() {
    const count = this.selected.size;
    const all = count > 0 && count === this.items.length;
    return html`<div class="choosing" role="group" aria-label=${say("Chosen conversations")}>
      <p role="status">${count ? sayMany(count, "{count} chosen", "{count} chosen") : say("None chosen")}</p>
      <button type="button" class="quiet-button" aria-pressed=${all} @click=${() => this.emit("list-select", { ids: all ? [] : this.items.map(({ id }) => id) })}>${say("Select all")}</button>
      <button type="button" class="quiet-button" @click=${() => this.rows?.endChoosing()}>${say("Done")}</button>
      <button type="button" class="quiet-button" ?disabled=${!count} @click=${() => this.rows?.archive([...this.selected], !this.archived)}>${archiveIcon}<span>${this.archived ? say("Unarchive") : say("Archive")}</span></button>
      <button type="button" class="quiet-button" ?disabled=${!count} @click=${() => openTags(this.closest("parley-app"), [...this.selected])}>${tagIcon}<span>${say("Tag…")}</span></button>
      <button type="button" class="quiet-button danger" ?disabled=${!count} @click=${() => this.rows?.remove([...this.selected])}>${deleteIcon}<span>${say("Delete")}</span></button>
    </div>`;
  }
}

customElements.define("choosing-bar", ChoosingBar);
