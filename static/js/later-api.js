/** Requests that only what is loaded later makes: about many conversations at once, and the preferences. The others: `api.js`. */

import { request, understood } from "./api.js";
import { readConversation, readPreferences } from "./objects.js";
import { list, record } from "./reading.js";

/** @import {Conversation, Preferences} from "./objects.js" */

/** @typedef {{ids: readonly string[], add: readonly string[], remove: readonly string[]}} Tagging */

/** The server takes this many in one request. */
export const MOST_AT_ONCE = 500;

/**
 * Deletes conversations; for a minute they can be brought back.
 * @param {readonly string[]} ids
 * @returns {Promise<void>}
 */
export async function deleteConversations(ids) {
  await request("POST", "/api/conversations/delete", { ids });
}

/**
 * Brings deleted conversations back. Rejects when it is too late.
 * @param {readonly string[]} ids
 * @returns {Promise<Conversation[]>}
 */
export async function restoreConversations(ids) {
  const content = await request("POST", "/api/conversations/restore", { ids });
  return understood(() => list(record(content).conversations, readConversation));
}

/**
 * Gives tags to conversations and takes others from them.
 * @param {Tagging} change
 * @returns {Promise<Conversation[]>} as they are then
 */
export async function tagConversations(change) {
  const content = await request("POST", "/api/conversations/tag", change);
  return understood(() => list(record(content).conversations, readConversation));
}

/**
 * @param {Partial<Preferences>} change
 * @returns {Promise<Preferences>}
 */
export async function changePreferences(change) {
  const content = await request("PATCH", "/api/visitor/preferences", change);
  return understood(() => readPreferences(record(content).preferences));
}
