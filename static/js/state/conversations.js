/** The list of conversations beside the page. Pure. */

/** @import {Conversation} from "../objects.js" */
/** @import {ChangedFrame} from "../frames.js" */

/**
 * @typedef {object} ConversationList
 * @property {readonly Conversation[]} items newest first
 * @property {string} query what was searched for; "" shows everything
 * @property {string | null} cursor where the next page begins; null when there is none
 * @property {"loading" | "ready" | "failed"} status
 */

/** @type {ConversationList} */
export const EMPTY_LIST = { items: [], query: "", cursor: null, status: "loading" };

/**
 * Takes in one page of the server's list.
 * @param {ConversationList} list
 * @param {{query: string, conversations: readonly Conversation[], next_cursor: string | null, append: boolean}} page
 * @returns {ConversationList}
 */
export function listed(list, page) {
  if (page.query !== list.query) return list; // an older search that answered late
  const fresh = new Set(page.conversations.map(({ id }) => id));
  if (page.append) {
    const kept = list.items.filter(({ id }) => !fresh.has(id));
    return { ...list, items: newestFirst([...kept, ...page.conversations]), cursor: page.next_cursor, status: "ready" };
  }
  return { ...list, ...refreshed(list, page.conversations, page.next_cursor), status: "ready" };
}

/**
 * A refreshed first page. What the reader had paged to below it stays, so that the list never jumps.
 * @param {ConversationList} list
 * @param {readonly Conversation[]} page
 * @param {string | null} cursor
 * @returns {{items: readonly Conversation[], cursor: string | null}}
 */
function refreshed(list, page, cursor) {
  const oldest = page.at(-1);
  if (cursor === null || !oldest) return { items: newestFirst([...page]), cursor };
  const older = list.items.filter((item) => item.updated_at_ms < oldest.updated_at_ms);
  const fresh = new Set(page.map(({ id }) => id));
  const below = older.filter(({ id }) => !fresh.has(id));
  return { items: newestFirst([...page, ...below]), cursor: below.length ? list.cursor : cursor };
}

/**
 * Adds a conversation or brings it up to date. While searching, one that was not found is not added.
 * @param {ConversationList} list
 * @param {Conversation} conversation
 * @returns {ConversationList}
 */
export function upsert(list, conversation) {
  const known = list.items.some(({ id }) => id === conversation.id);
  if (!known && list.query !== "") return list;
  const others = list.items.filter(({ id }) => id !== conversation.id);
  return { ...list, items: newestFirst([conversation, ...others]) };
}

/**
 * @param {ConversationList} list
 * @param {string} id
 * @returns {ConversationList}
 */
export function without(list, id) {
  return { ...list, items: list.items.filter((item) => item.id !== id) };
}

/**
 * What a `changed` frame says about the list.
 * @param {ConversationList} list
 * @param {ChangedFrame} frame
 * @returns {ConversationList}
 */
export function changed(list, frame) {
  if (frame.what === "deleted") return without(list, frame.conversation);
  const old = list.items.find(({ id }) => id === frame.conversation);
  if (!old && frame.title === null) return list;
  const time = frame.updated_at_ms || old?.updated_at_ms || 0;
  return upsert(list, {
    id: frame.conversation,
    title: frame.title ?? old?.title ?? "",
    created_at_ms: old?.created_at_ms ?? time,
    updated_at_ms: time,
    leaf: old?.leaf ?? null,
    options: frame.options ?? old?.options ?? {},
  });
}

/**
 * @param {Conversation[]} items
 * @returns {Conversation[]}
 */
function newestFirst(items) {
  return items.sort((a, b) => b.updated_at_ms - a.updated_at_ms);
}
