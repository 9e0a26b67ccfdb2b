/** Giving a conversation another name, in its place in the list. */

import { nameOf } from "./conversation-row.js";

/** @import {ConversationList} from "./conversation-list.js" */
/** @import {RowFocus} from "./row-focus.js" */

/** Listens for a list. */
export class RowRenaming {
  #list;
  #focus;

  /**
   * @param {ConversationList} list
   * @param {RowFocus} focus
   */
  constructor(list, focus) {
    this.#list = list;
    this.#focus = focus;
  }

  /** @param {string} id */
  #field(id) {
    return this.#focus.row(id)?.querySelector("input") ?? null;
  }

  /** @param {string} id */
  async begin(id) {
    this.#list.renaming = id;
    await this.#list.updateComplete;
    await new Promise(requestAnimationFrame);
    this.#field(id)?.focus();
    this.#field(id)?.select();
  }

  /** @type {(event: Event) => void} */
  submitted = (event) => {
    event.preventDefault();
    this.#end({ keep: true, focus: true });
  };

  /** @type {(event: FocusEvent) => void} */
  left = ({ target }) => {
    if (target instanceof HTMLInputElement && target.name === "title") this.#end({ keep: true, focus: false });
  };

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was for the field */
  keyed({ key }) {
    if (key !== "Escape") return false;
    this.#end({ keep: false, focus: true });
    return true;
  }

  /** @param {{keep: boolean, focus: boolean}} how whether the new name is kept, and whether the row gets the focus */
  #end({ keep, focus }) {
    const { renaming: id, list } = this.#list;
    if (id === null) return; // the blur that follows from ending
    const title = this.#field(id)?.value.trim() ?? "";
    const conversation = list.items.find((item) => item.id === id);
    this.#list.renaming = null;
    if (keep && title && conversation && title !== nameOf(conversation)) this.#list.emit("conversation-rename", { id, title });
    if (focus) this.#focus.next(id);
  }
}
