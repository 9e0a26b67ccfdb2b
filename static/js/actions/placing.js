/** What the reader does with conversations of the list: rename, pin, archive, delete and bring back. */

import { ApiError, changeConversation } from "../api.js";
import { MOST_AT_ONCE, tagConversations } from "../later-api.js";
import { open } from "./conversations.js";
import { Removing, tellPlaced } from "./removing.js";
import { changed, told } from "./telling.js";

/** @import {Parts, Some} from "../actions.js" */
/** @import {Tagged} from "../elements/light-element.js" */
/** @import {Store} from "../store.js" */
/** @import {Tagging} from "../later-api.js" */

/**
 * @param {Parts} parts
 * @returns {Some<"conversation-rename" | "conversation-delete" | "conversation-pin" | "conversation-archive" | "conversations-delete"
 *   | "conversations-archive" | "conversations-tag" | "undo" | "undo-dismiss">}
 */
export function placingActions(parts) {
  const { store, loading } = parts;
  const removing = new Removing(parts, (id, address) => open(store, loading, id, { address }));
  return {
    "conversation-rename": ({ id, title }) => void rename(store, id, title),
    "conversation-delete": ({ id }) => void removing.remove([id]),
    "conversation-pin": ({ id, pinned }) => void pin(store, id, pinned),
    "conversation-archive": ({ id, archived }) => void removing.archive([id], archived),
    "conversations-delete": ({ ids }) => void removing.remove(ids),
    "conversations-archive": ({ ids, archived }) => void removing.archive(ids, archived),
    "conversations-tag": ({ answered, ...change }) => void tag(store, change, answered),
    undo: () => void removing.takeBack(),
    "undo-dismiss": () => store.dispatch({ type: "undo", undo: null }),
  };
}

/**
 * @param {Store} store
 * @param {string} id
 * @param {string} title
 */
async function rename(store, id, title) {
  const conversation = await told(store, () => changeConversation(id, { title }));
  if (conversation) changed(store, "renamed", id, { title: conversation.title, updated_at_ms: conversation.updated_at_ms });
}

/**
 * @param {Store} store
 * @param {string} id
 * @param {boolean} pinned
 */
async function pin(store, id, pinned) {
  const conversation = await told(store, () => changeConversation(id, { pinned }));
  if (conversation) tellPlaced(store, conversation);
}

/**
 * @param {Store} store
 * @param {Tagging} change
 * @param {Tagged} answered
 */
async function tag(store, { ids, add, remove }, answered) {
  try {
    const conversations = [];
    for (let from = 0; from < ids.length; from += MOST_AT_ONCE) conversations.push(...(await tagConversations({ ids: ids.slice(from, from + MOST_AT_ONCE), add, remove })));
    for (const conversation of conversations) tellPlaced(store, conversation);
    answered(null, conversations);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    answered(error.problem.message, []);
  }
}
