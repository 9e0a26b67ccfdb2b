/** Deleting and archiving, of one conversation or of many: done at once, and taken back by Undo. */

import { ApiError, changeConversation } from "../api.js";
import { deleteConversations, MOST_AT_ONCE, restoreConversations } from "../later-api.js";
import { say, sayMany } from "../say.js";
import { endingWords } from "../sharing-mark.js";
import { attachedTo, fromServer, readyFiles } from "../state/attached.js";
import { changed, told } from "./telling.js";

/** @import {Parts} from "../actions.js" */
/** @import {Conversation} from "../objects.js" */
/** @import {State} from "../state.js" */
/** @import {Undo, Writing} from "../state/conversations.js" */
/** @import {Store} from "../store.js" */

/** Single changes that are on their way at the same time. */
const TOGETHER = 6;

/** @typedef {(id: string | null, address: "push" | "replace") => void} Open shows a conversation */

/** Takes conversations away and brings them back. */
export class Removing {
  #store;
  #attaching;
  #open;
  /** @type {Promise<boolean>} the last deletion: what it deletes cannot come back before it is done */
  #deleting = Promise.resolve(true);

  /**
   * @param {Parts} parts
   * @param {Open} open
   */
  constructor({ store, attaching }, open) {
    this.#store = store;
    this.#attaching = attaching;
    this.#open = open;
  }

  /**
   * They leave the page before the server knows; should it not take the request, they come back.
   * @param {readonly string[]} ids
   */
  async remove(ids) {
    if (!ids.length) return;
    const { state } = this.#store;
    const conversations = known(state, ids);
    const message = [deletedWords(ids.length, titleOf(conversations)), endingWords(state.shares.items, ids)].filter(Boolean).join(" ");
    const inView = state.open.id !== null && ids.includes(state.open.id) ? state.open.id : null;
    const writing = writingIn(state, ids);
    if (inView !== null) this.#open(null, "replace");
    this.#store.dispatch({ type: "gone", ids });
    this.#store.dispatch({ type: "select", ids: null });
    for (const id of ids) this.#clear(id);
    const undo = { ids, message, what: /** @type {const} */ ("deleted"), reopen: inView, writing };
    this.#store.dispatch({ type: "undo", undo });
    this.#deleting = this.#delete(ids);
    if (await this.#deleting) return;
    this.#store.dispatch({ type: "placed", conversations });
    if (this.#store.state.undo === undo) this.#store.dispatch({ type: "undo", undo: null });
    this.#writeAgain(undo);
  }

  /**
   * @param {readonly string[]} ids
   * @returns {Promise<boolean>} whether all of them are deleted
   */
  async #delete(ids) {
    const done = await told(this.#store, async () => {
      for (let from = 0; from < ids.length; from += MOST_AT_ONCE) await deleteConversations(ids.slice(from, from + MOST_AT_ONCE));
      return true;
    });
    this.#store.dispatch({ type: "shares", shares: { behind: true } }); // theirs have ended
    return done === true;
  }

  /**
   * @param {readonly string[]} ids
   * @param {boolean} archived
   */
  async archive(ids, archived) {
    const title = titleOf(known(this.#store.state, ids));
    const message = archived ? archivedWords(ids.length, title) : unarchivedWords(ids.length, title);
    this.#store.dispatch({ type: "select", ids: null });
    const moved = await this.#place(ids, archived);
    if (!moved.length || !archived) return;
    this.#store.dispatch({ type: "undo", undo: { ids: moved, message, what: "archived", reopen: null, writing: {} } });
  }

  /**
   * @param {readonly string[]} ids
   * @param {boolean} archived
   * @returns {Promise<string[]>} those that were moved
   */
  async #place(ids, archived) {
    /** @type {string[]} */
    const moved = [];
    for (let from = 0; from < ids.length; from += TOGETHER) {
      const some = ids.slice(from, from + TOGETHER);
      const placed = await told(this.#store, () => Promise.all(some.map((id) => changeConversation(id, { archived }))));
      if (!placed) break;
      for (const conversation of placed) tellPlaced(this.#store, conversation);
      moved.push(...some);
    }
    return moved;
  }

  /** Takes back what was done last. */
  async takeBack() {
    const { undo } = this.#store.state;
    if (!undo) return;
    this.#store.dispatch({ type: "undo", undo: null });
    if (undo.what === "archived") {
      await this.#place(undo.ids, false);
      return;
    }
    await this.#deleting;
    const back = await told(this.#store, () => restored(undo.ids));
    if (!back) return;
    this.#store.dispatch({ type: "placed", conversations: back });
    this.#store.dispatch({ type: "shares", shares: { behind: true } });
    this.#writeAgain(undo);
    const { open } = this.#store.state;
    // Whoever has moved on meanwhile is not called back.
    if (undo.reopen !== null && open.status === "new") this.#open(undo.reopen, "replace");
  }

  /** @param {string} id */
  #clear(id) {
    const { drafts, held } = this.#store.state;
    if (drafts[id]) this.#store.dispatch({ type: "draft", key: id, text: "" });
    if (held[id]) this.#store.dispatch({ type: "hold", key: id, held: null });
    this.#attaching.clear(id);
  }

  /** @param {Undo} undo */
  #writeAgain({ writing }) {
    for (const [key, { draft, files, held }] of Object.entries(writing)) {
      if (draft) this.#store.dispatch({ type: "draft", key, text: draft });
      if (held) this.#store.dispatch({ type: "hold", key, held });
      for (const file of files) this.#store.dispatch({ type: "attach", key, item: fromServer(file) });
    }
  }
}

/**
 * Tells the page where a conversation stands now.
 * @param {Store} store
 * @param {Conversation} conversation
 */
export function tellPlaced(store, { id, title, updated_at_ms, pinned, archived, tags }) {
  changed(store, "placed", id, { title, updated_at_ms, pinned, archived, tags });
}

/**
 * @param {readonly string[]} ids
 * @returns {Promise<Conversation[]>}
 */
async function restored(ids) {
  /** @type {Conversation[]} */
  const back = [];
  for (let from = 0; from < ids.length; from += MOST_AT_ONCE) {
    try {
      back.push(...(await restoreConversations(ids.slice(from, from + MOST_AT_ONCE))));
    } catch (error) {
      if (!(error instanceof ApiError) || !back.length) throw error; // some are back: they are shown
    }
  }
  return back;
}

/**
 * @param {State} state
 * @param {readonly string[]} ids
 * @returns {Conversation[]} those of them that the page knows
 */
function known({ list, open }, ids) {
  const wanted = new Set(ids);
  const all = [...(list.aside?.items ?? []), ...list.items, ...(open.conversation ? [open.conversation] : [])];
  return [...new Map(all.filter(({ id }) => wanted.has(id)).map((one) => [one.id, one])).values()];
}

/**
 * @param {readonly Conversation[]} conversations
 * @returns {string} what the first is called
 */
const titleOf = (conversations) => conversations[0]?.title || say("New conversation");

/** @typedef {(count: number, title: string) => string} Told */

/** @type {Told} */
const deletedWords = (count, title) => sayMany(count, "Deleted “{title}”.", "Deleted {count} conversations.", { title });
/** @type {Told} */
const archivedWords = (count, title) => sayMany(count, "Archived “{title}”.", "Archived {count} conversations.", { title });
/** @type {Told} */
const unarchivedWords = (count, title) => sayMany(count, "Taken out of the archive: “{title}”.", "Taken out of the archive: {count} conversations.", { title });

/**
 * @param {State} state
 * @param {readonly string[]} ids
 * @returns {Record<string, Writing>} what is being written in them; those with nothing are left out
 */
function writingIn(state, ids) {
  /** @type {Record<string, Writing>} */
  const all = {};
  for (const id of ids) {
    const draft = state.drafts[id] ?? "";
    const files = readyFiles(attachedTo(state, id));
    const held = state.held[id] ?? null;
    if (draft || files.length || held) all[id] = { draft, files, held };
  }
  return all;
}
