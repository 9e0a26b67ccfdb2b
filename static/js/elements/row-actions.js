/** What is done with the rows of the list, by pointer and by keys: open, menu, choose, archive, delete, walk. */

import { say } from "../say.js";
import { exportPath, FORMS } from "../transcripts.js";
import { nameOf } from "./conversation-row.js";
import { download } from "./download.js";
import { handOff } from "./hand-off.js";
import { deleteIcon, downIcon, renameIcon } from "./icons.js";
import { archiveIcon, phoneIcon, pinIcon, selectIcon, shareIcon, tagIcon } from "./later-icons.js";
import { RowFocus } from "./row-focus.js";
import { RowMenu } from "./row-menu.js";
import { RowRenaming } from "./row-renaming.js";
import { openTags } from "./tags-dialog.js";

/** @import {Conversation} from "../objects.js" */
/** @import {ConversationList} from "./conversation-list.js" */
/** @import {MenuItem} from "./menu-button.js" */

const STEPS = new Map([["ArrowDown", 1], ["ArrowUp", -1]]);

/** Listens for a list. */
export class RowActions {
  #list;
  /** @type {string | null} where a range of chosen rows begins */
  #anchor = null;

  /** @param {ConversationList} list */
  constructor(list) {
    this.#list = list;
    this.focus = new RowFocus(list);
    this.renaming = new RowRenaming(list, this.focus);
  }

  /** @param {Event} event @returns {Conversation | null} the row it happened in */
  #rowOf({ target }) {
    const id = target instanceof Element ? target.closest("[data-id]")?.getAttribute("data-id") : null;
    return (id && this.#list.list.items.find((item) => item.id === id)) || null;
  }

  /** @type {(event: MouseEvent) => void} */
  clicked = (event) => {
    const conversation = this.#rowOf(event);
    if (!conversation || !(event.target instanceof Element)) return;
    const more = event.target.closest(".row-more");
    if (more instanceof HTMLElement) return this.#toggleMenu(more, conversation);
    const tag = event.target.closest("button.row-tag")?.getAttribute("data-tag");
    if (tag) return this.#list.emit("list-search", { query: this.#list.list.query, tag });
    if (!event.target.closest(".row-link")) return;
    const { selected } = this.#list.list;
    // A new tab or window, by key or middle button, is the browser's business.
    if (event.metaKey || event.ctrlKey || event.altKey || event.button !== 0) return;
    if (event.shiftKey) {
      event.preventDefault();
      this.#chooseTo(conversation.id);
    } else if (!selected) {
      event.preventDefault();
      // The second of two clicks is for renaming.
      if (event.detail < 2) this.#list.emit("conversation-open", { id: conversation.id });
    }
  };

  /** @type {(event: MouseEvent) => void} */
  doubleClicked = (event) => {
    const conversation = this.#rowOf(event);
    if (conversation && !this.#list.list.selected && event.target instanceof Element && event.target.closest("a.row-link")) void this.renaming.begin(conversation.id);
  };

  /** @type {(event: Event) => void} */
  ticked = (event) => {
    const conversation = this.#rowOf(event);
    if (conversation && event.target instanceof HTMLInputElement && event.target.type === "checkbox") this.#toggle(conversation.id);
  };

  /** @param {string} id */
  #toggle(id) {
    const chosen = new Set(this.#list.list.selected);
    if (!chosen.delete(id)) chosen.add(id);
    this.#anchor = id;
    this.#list.emit("list-select", { ids: [...chosen] });
  }

  /** @param {string} id all rows from the last chosen one to this one are chosen */
  #chooseTo(id) {
    const ids = this.#list.order.map((one) => one.id);
    const from = ids.indexOf(this.#anchor ?? this.#list.here ?? this.#list.current ?? id);
    const to = ids.indexOf(id);
    const range = from < 0 ? [id] : ids.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.#list.emit("list-select", { ids: [...new Set([...(this.#list.list.selected ?? []), ...range])] });
    this.#anchor = id;
    this.focus.next(id);
  }

  /** @param {string} id */
  #choose(id) {
    this.#anchor = id;
    this.focus.next(id);
    this.#list.emit("list-select", { ids: [id] });
  }

  /** @type {(event: MouseEvent) => void} */
  menuAsked = (event) => {
    const conversation = this.#rowOf(event);
    // A long touch is the browser's: the row has a button for its menu.
    const touch = "pointerType" in event && event.pointerType === "touch";
    if (!conversation || touch || this.#list.list.selected || this.#list.renaming === conversation.id) return;
    const more = this.focus.row(conversation.id)?.querySelector(".row-more");
    if (!(more instanceof HTMLElement)) return;
    event.preventDefault();
    const byPointer = event.button === 2 || event.ctrlKey;
    this.#openMenu(more, conversation, byPointer ? { x: event.clientX, y: event.clientY } : null);
  };

  /**
   * @param {HTMLElement} more
   * @param {Conversation} conversation
   */
  #toggleMenu(more, conversation) {
    if (this.#list.menu === conversation.id) this.#menu?.close();
    else this.#openMenu(more, conversation, null);
  }

  get #menu() {
    const menu = this.#list.querySelector("row-menu");
    return menu instanceof RowMenu ? menu : null;
  }

  /**
   * @param {HTMLElement} more
   * @param {Conversation} conversation
   * @param {{x: number, y: number} | null} point
   */
  #openMenu(more, conversation, point) {
    this.#menu?.close({ focus: false });
    this.#list.here = conversation.id;
    this.#menu?.openFor(more, say("Actions for “{name}”", { name: nameOf(conversation) }), this.#choices(conversation), point);
    this.#list.menu = conversation.id;
  }

  menuToggled = (/** @type {boolean} */ open) => {
    if (!open) this.#list.menu = null;
  };

  /**
   * @param {Conversation} conversation
   * @returns {MenuItem[]}
   */
  #choices({ id, pinned, archived }) {
    const list = this.#list;
    const pin = { label: pinned ? say("Unpin") : say("Pin"), icon: pinIcon, action: () => this.#moved(id, () => list.emit("conversation-pin", { id, pinned: !pinned })) };
    return [
      { label: say("Rename"), icon: renameIcon, action: () => void this.renaming.begin(id) },
      ...(archived ? [] : [pin]),
      { label: archived ? say("Unarchive") : say("Archive"), icon: archiveIcon, action: () => this.archive([id], !archived) },
      { label: say("Tags…"), icon: tagIcon, action: () => openTags(list.closest("parley-app"), [id]) },
      { label: say("Share…"), icon: shareIcon, action: () => list.emit("share-open", { conversation: id }) },
      { label: say("Go on on your phone…"), icon: phoneIcon, action: () => void handOff(list.closest("parley-app"), id) },
      { label: say("Export…"), icon: downIcon, items: FORMS.map(({ form, label }) => ({ label, action: () => download(exportPath(id, form)) })) },
      { label: say("Select"), icon: selectIcon, action: () => this.#choose(id) },
      { label: say("Delete"), icon: deleteIcon, danger: true, action: () => this.remove([id]) },
    ];
  }

  /** @param {readonly string[]} ids */
  remove(ids) {
    this.#leaving(ids, () => this.#list.emit("conversations-delete", { ids }));
  }

  /**
   * @param {readonly string[]} ids
   * @param {boolean} archived
   */
  archive(ids, archived) {
    this.#leaving(ids, () => this.#list.emit("conversations-archive", { ids, archived }));
  }

  /** Lets the chosen ones be. */
  endChoosing() {
    this.focus.next(this.#list.look().here ?? "");
    this.#list.emit("list-select", { ids: null });
  }

  /**
   * Does something after which these rows are gone; the focus goes to the row below them.
   * @param {readonly string[]} ids
   * @param {() => void} work
   */
  #leaving(ids, work) {
    const gone = new Set(ids);
    const order = this.#list.order.map(({ id }) => id);
    const at = order.findIndex((id) => gone.has(id));
    const next = order.slice(at).find((id) => !gone.has(id)) ?? order.slice(0, at).findLast((id) => !gone.has(id));
    work();
    this.focus.whenLost(next ?? "");
  }

  /**
   * Does something after which the row stands elsewhere; the focus goes with it.
   * @param {string} id
   * @param {() => void} work
   */
  #moved(id, work) {
    work();
    this.focus.whenLost(id);
  }

  /** @type {(event: FocusEvent) => void} */
  focused = (event) => {
    const conversation = this.#rowOf(event);
    if (conversation) this.#list.here = conversation.id;
  };

  /** @type {(event: KeyboardEvent) => void} */
  keyed = (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const conversation = this.#rowOf(event);
    if (!conversation) return;
    const done = this.#list.renaming === conversation.id ? this.renaming.keyed(event) : this.#keyedRow(event, conversation);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  };

  /**
   * @param {KeyboardEvent} event
   * @param {Conversation} conversation
   * @returns {boolean} whether the key was for the row
   */
  #keyedRow(event, conversation) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const { id } = conversation;
    const { selected } = this.#list.list;
    const step = STEPS.get(event.key);
    if (step) return this.#step(id, step, event.shiftKey);
    if (event.key === "Home" || event.key === "End") return this.#walk(this.#list.order.at(event.key === "Home" ? 0 : -1)?.id);
    if (event.key === "Escape" && selected) this.endChoosing();
    else if (event.key === "Delete") this.remove(selected?.size ? [...selected] : [id]);
    else if (selected) return false;
    else if (event.key === "F2") void this.renaming.begin(id);
    else if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      const more = this.focus.row(id)?.querySelector(".row-more");
      if (more instanceof HTMLElement) this.#openMenu(more, conversation, null);
    } else return false;
    return true;
  }

  /**
   * @param {string} id
   * @param {number} step
   * @param {boolean} choosing whether the row it leads to is chosen as well
   * @returns {boolean}
   */
  #step(id, step, choosing) {
    const { order } = this.#list;
    const at = order.findIndex((one) => one.id === id) + step;
    if (at < 0 && !choosing) this.#list.toSearch();
    const next = order[at];
    if (next && choosing) this.#chooseTo(next.id);
    return this.#walk(next?.id);
  }

  /** @param {string | undefined} id @returns {boolean} */
  #walk(id) {
    if (id !== undefined) void this.focus.give(id);
    return true;
  }
}
