/** The list of conversations beside the page: pages of the server's list, joined and kept in order. Pure. */

import { holdsAll, wordsOf } from "../words.js";
import { isPrivate } from "./private.js";

/** @import {Attachment, Conversation, Found} from "../objects.js" */
/** @import {Held} from "./held.js" */
/** @import {ChangedFrame} from "../frames.js" */

/** @typedef {"all" | "archived"} ListView */
/**
 * @typedef {object} Undo what was just done to conversations and can still be taken back
 * @property {readonly string[]} ids
 * @property {string} message what to say of it
 * @property {"deleted" | "archived"} what
 * @property {string | null} reopen the conversation that was in view and would be again
 * @property {Readonly<Record<string, Writing>>} writing what was being written in them
 */
/** @typedef {{draft: string, files: readonly Attachment[], held: Held | null}} Writing */
/** @typedef {{items: readonly Conversation[], cursor: string | null, status: "loading" | "ready" | "failed"}} Read how far a list was read */
/**
 * @typedef {object} ListOnly
 * @property {string} query what was searched for; "" shows everything
 * @property {string | null} [tag] only conversations that have it are listed
 * @property {ListView} view
 * @property {ReadonlyMap<string, Found>} found where the words that were searched for are, by conversation id
 * @property {ReadonlySet<string> | null} selected those chosen for doing something with all of them; null when nobody is choosing
 * @property {Read | null} aside the list without search and tag, while there is one of these
 */
/** @typedef {Read & ListOnly} ConversationList `items`: newest first; `cursor`: where the next page begins; null when there is none */
/** @typedef {{query: string, tag?: string | null, view: ListView, conversations: readonly Conversation[], found: ReadonlyMap<string, Found>, next_cursor: string | null, append: boolean}} Page */

/** @type {ConversationList} */
export const EMPTY_LIST = { items: [], cursor: null, status: "loading", query: "", view: "all", found: new Map(), selected: null, aside: null };

/**
 * Takes in one page of the server's list.
 * @param {ConversationList} list
 * @param {Page} page
 * @returns {ConversationList}
 */
export function listed(list, page) {
  if (page.query !== list.query || page.tag !== list.tag || page.view !== list.view) return list; // an older search that answered late
  const goesOn = page.append || list.status === "ready";
  const found = goesOn ? new Map([...list.found, ...page.found]) : page.found;
  if (!page.append) return { ...list, ...refreshed(list, page), found, status: "ready" };
  return { ...list, items: joined(list.items, page.conversations), cursor: page.next_cursor, found, status: "ready" };
}

/**
 * A refreshed first page. What the reader had paged to below it stays, so that the list never jumps; unless so much
 * is new that some in between would be missing.
 * @param {ConversationList} list
 * @param {Page} page
 * @returns {{items: readonly Conversation[], cursor: string | null}}
 */
function refreshed(list, { conversations, next_cursor }) {
  const oldest = conversations.at(-1);
  if (next_cursor === null || !oldest) return { items: joined([], conversations), cursor: next_cursor };
  const newestKnown = list.items.find(({ pinned }) => !pinned) ?? list.items[0];
  const meets = list.status === "ready" && newestKnown !== undefined && newestKnown.updated_at_ms >= oldest.updated_at_ms;
  const below = list.items.filter((item) => byTime(oldest, item) < 0 && (meets || (item.pinned && list.aside === null)));
  const paged = meets && below.some(({ pinned }) => !pinned);
  return { items: joined(below, conversations), cursor: paged ? list.cursor : next_cursor };
}

/**
 * Takes in all pinned conversations, however old.
 * @param {ConversationList} list
 * @param {readonly Conversation[]} pinned
 * @returns {ConversationList}
 */
export function withPinned(list, pinned) {
  if (list.view !== "all") return list;
  const fresh = new Set(pinned.map(({ id }) => id));
  const loosened = (/** @type {readonly Conversation[]} */ items) =>
    items.some((item) => item.pinned && !fresh.has(item.id))
      ? items.map((item) => (item.pinned && !fresh.has(item.id) ? { ...item, pinned: false } : item))
      : items;
  if (list.aside) return { ...list, aside: { ...list.aside, items: joined(loosened(list.aside.items), pinned) } };
  return { ...list, items: joined(loosened(list.items), pinned) };
}

/**
 * The list of the others, empty until it is read.
 * @param {ConversationList} list
 * @param {ListView} view
 * @returns {ConversationList}
 */
export function inView(list, view) {
  return view === list.view ? list : { ...EMPTY_LIST, view };
}

/**
 * The list for other words, or another tag. What the page knows of it is shown at once, all the rest when the server has looked.
 * @param {ConversationList} list
 * @param {string} query
 * @param {string | null} [tag]
 * @returns {ConversationList}
 */
export function searching(list, query, tag = list.tag) {
  if (query === list.query && tag === list.tag) return list;
  const whole = list.aside ?? { items: list.items, cursor: list.cursor, status: list.status };
  const words = wordsOf(query);
  const next = { ...list, query, tag, found: new Map() };
  if (!words.length && !tag) return { ...next, ...whole, aside: null };
  const items = whole.items.filter((item) => holdsAll(item.title, words) && (!tag || item.tags.includes(tag)));
  return { ...next, items, cursor: null, status: "loading", aside: whole };
}

/**
 * Adds a conversation or brings it up to date. One that has been put into the archive, or taken out of it, leaves the list it
 * was in. What was found by a search stays found, and nothing else is added to it. Private ones are in no list.
 * @param {ConversationList} list
 * @param {Conversation} conversation
 * @returns {ConversationList}
 */
export function upsert(list, conversation) {
  if (isPrivate(conversation.id)) return list;
  const belongs = conversation.archived === (list.view === "archived");
  if (!list.aside) return belongs ? { ...list, items: joined(list.items, [conversation]) } : without(list, [conversation.id]);
  const items = list.items.some(({ id }) => id === conversation.id) ? joined(list.items, [conversation]) : list.items;
  const whole = belongs ? joined(list.aside.items, [conversation]) : list.aside.items.filter(({ id }) => id !== conversation.id);
  return { ...list, items, aside: { ...list.aside, items: whole } };
}

/**
 * @param {ConversationList} list
 * @param {readonly string[]} ids
 * @returns {ConversationList} the same one when it has none of them
 */
export function without(list, ids) {
  const gone = new Set(ids);
  const left = (/** @type {readonly Conversation[]} */ items) =>
    items.some(({ id }) => gone.has(id)) ? items.filter(({ id }) => !gone.has(id)) : items;
  const items = left(list.items);
  const asideItems = list.aside ? left(list.aside.items) : null;
  if (items === list.items && asideItems === (list.aside?.items ?? null)) return list;
  const selected = list.selected && new Set([...list.selected].filter((id) => !gone.has(id)));
  return { ...list, items, selected, aside: list.aside && asideItems ? { ...list.aside, items: asideItems } : null };
}

/**
 * What a `changed` frame says about the list.
 * @param {ConversationList} list
 * @param {ChangedFrame} frame
 * @returns {ConversationList}
 */
export function changed(list, frame) {
  if (frame.what === "deleted") return without(list, frame.deleted);
  if (frame.what === "restored") return frame.restored.reduce(upsert, list);
  const old = known(list, frame.conversation);
  if (!old && frame.title === null) return list;
  const time = frame.updated_at_ms || old?.updated_at_ms || 0;
  const now = {
    id: frame.conversation,
    title: frame.title ?? old?.title ?? "",
    created_at_ms: old?.created_at_ms ?? time,
    updated_at_ms: time,
    leaf: frame.leaf ?? old?.leaf ?? null,
    options: frame.options ?? old?.options ?? {},
    pinned: frame.pinned ?? old?.pinned ?? false,
    archived: frame.archived ?? old?.archived ?? false,
    tags: frame.tags ?? old?.tags ?? [],
  };
  return old && same(old, now) ? list : upsert(list, now);
}

/**
 * @param {ConversationList} list
 * @param {string} id
 * @returns {Conversation | null}
 */
function known(list, id) {
  const isIt = (/** @type {Conversation} */ item) => item.id === id;
  return list.items.find(isIt) ?? list.aside?.items.find(isIt) ?? null;
}

/**
 * @param {Conversation} a
 * @param {Conversation} b
 * @returns {boolean}
 */
function same(a, b) {
  const fields = /** @type {const} */ (["title", "updated_at_ms", "leaf", "options", "pinned", "archived", "tags"]);
  return fields.every((field) => a[field] === b[field]);
}

/**
 * Both in order; of two with one id the one of `news`. Sorting what is nearly in order costs one pass.
 * @param {readonly Conversation[]} items
 * @param {readonly Conversation[]} news
 * @returns {readonly Conversation[]}
 */
function joined(items, news) {
  if (!news.length) return items;
  const [only, ...more] = news;
  const place = only && !more.length ? items.findIndex(({ id }) => id === only.id) : -1;
  const above = items[place - 1];
  const under = items[place + 1];
  if (only && place >= 0 && (!above || byTime(above, only) < 0) && (!under || byTime(only, under) < 0)) return items.with(place, only);
  const fresh = new Set(news.map(({ id }) => id));
  return [...news, ...items.filter(({ id }) => !fresh.has(id))].sort(byTime);
}

/**
 * Newest first, and two of one moment as the server has them.
 * @param {Conversation} a
 * @param {Conversation} b
 * @returns {number}
 */
function byTime(a, b) {
  return b.updated_at_ms - a.updated_at_ms || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}
