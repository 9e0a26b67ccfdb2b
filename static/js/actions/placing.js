/** What the reader does with conversations of the list: rename, pin, archive, delete and bring back. */

import { changeConversation } from "../api.js";
import { open } from "./conversations.js";
import { Removing, tellPlaced } from "./removing.js";
import { changed, told } from "./telling.js";

/** @import {Parts, Some} from "../actions.js" */
/** @import {Store} from "../store.js" */

/**
 * @param {Parts} parts
 * @returns {Some<"conversation-rename" | "conversation-delete" | "conversation-pin" | "conversation-archive" | "conversations-delete"
 *   | "conversations-archive" | "undo" | "undo-dismiss">}
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
