/** The visitor's own words for conversations: which there are, and which of them fit what is being typed. */

import { request, understood } from "./api.js";
import { fitOf, fold, termsOf } from "./matching.js";
import { list, number, record, text } from "./reading.js";

/** @import {Conversation} from "./objects.js" */

/** @typedef {{tag: string, count: number}} Tag `count` conversations have it */

/** So many fit into a short list. */
const MOST_OFFERED = 6;
export const LONGEST_TAG = 30;
/** A conversation has no more of them. */
export const MOST_TAGS = 8;

/** @returns {Promise<Tag[]>} those of most conversations first. Rejects with an `ApiError` */
export async function loadTags() {
  const content = await request("GET", "/api/tags");
  return understood(() =>
    list(record(content).tags, (item) => {
      const raw = record(item);
      return { tag: text(raw, "tag"), count: number(raw, "count", 0) };
    }),
  );
}

/**
 * What is typed as tags: several, when there are commas between them.
 * @param {string} typed
 * @returns {string[]} on one line each, without a # before them
 */
export function tagsIn(typed) {
  return typed.split(/[,،、，]/u).map((piece) => piece.replace(/\s+/gu, " ").replace(/^[# ]+/u, "").trim().slice(0, LONGEST_TAG)).filter(Boolean);
}

/** @param {string} a @param {string} b */
const same = (a, b) => a.toLowerCase() === b.toLowerCase();

/**
 * Known tags for what is typed, those that begin with it first.
 * @param {readonly Tag[]} known
 * @param {string} typed a # before it means nothing
 * @param {readonly string[]} [without]
 * @returns {Tag[]}
 */
export function offered(known, typed, without = []) {
  const terms = termsOf(typed.replace(/^\s*#/u, ""));
  return known
    .filter(({ tag }) => !without.some((one) => same(one, tag)))
    .map((one) => ({ one, score: fitOf(terms, fold(one.tag).letters)?.score ?? 0 }))
    .filter(({ score }) => score > 0 || !terms.length)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_OFFERED)
    .map(({ one }) => one);
}

/**
 * The tags of several conversations.
 * @param {readonly Conversation[]} conversations
 * @returns {Tag[]} by the alphabet, `count` of these have it
 */
export function tagsOf(conversations) {
  /** @type {Map<string, Tag>} */
  const found = new Map();
  for (const tag of conversations.flatMap(({ tags }) => tags)) {
    const key = tag.toLowerCase();
    found.set(key, { tag: found.get(key)?.tag ?? tag, count: (found.get(key)?.count ?? 0) + 1 });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, tag]) => tag);
}
