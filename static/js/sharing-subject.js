/** The conversation that is shared, as it was when somebody began to: from the page, or from the server when it is not in view. No DOM. */

import { loadConversation } from "./api.js";
import { allOf, pairsOf } from "./sharing-choice.js";
import { newDraft } from "./sharing-draft.js";
import { branch, mergeMessages, NO_MESSAGES } from "./state/tree.js";

/** @import {ShareDraft} from "./sharing-draft.js" */
/** @import {State} from "./state.js" */
/** @import {Messages, Shown} from "./state/tree.js" */

/** @typedef {{title: string, messages: Messages, shown: readonly Shown[]}} Subject `shown`: the branch in view */

/**
 * @param {State} page
 * @param {string} id
 * @returns {Subject | null} null when another conversation is in view
 */
export function subjectInView({ open, messages, leaf }, id) {
  if (open.id !== id || !open.conversation) return null;
  return { title: open.conversation.title, messages, shown: branch(messages, leaf) };
}

/**
 * @param {string} id
 * @returns {Promise<Subject>} Rejects with an `ApiError`
 */
export async function readSubject(id) {
  const { conversation, messages: read } = await loadConversation(id);
  const messages = mergeMessages(NO_MESSAGES, read);
  return { title: conversation.title, messages, shown: branch(messages, conversation.leaf) };
}

/**
 * @param {string} id of the conversation
 * @param {Subject} subject
 * @param {ShareDraft | null} before what was filled in when the dialog was closed too early
 * @returns {ShareDraft} that again, for the branch as it is now; or the defaults
 */
export function draftFor(id, { shown }, before) {
  const leaf = shown.at(-1)?.message.id ?? null;
  const all = allOf(pairsOf(shown));
  if (before?.conversation !== id) return newDraft(id, leaf, all);
  return before.leaf === leaf ? before : { ...before, leaf, chosen: all };
}

/**
 * @param {ShareDraft} draft
 * @param {Subject} subject
 * @returns {boolean} whether files are among what would be shared
 */
export function withFiles({ scope, chosen }, { messages, shown }) {
  const all = scope === "whole" ? [...messages.values()] : shown.map(({ message }) => message);
  return all.some(({ id, attachments }) => attachments.length > 0 && (scope !== "chosen" || chosen.has(id)));
}
