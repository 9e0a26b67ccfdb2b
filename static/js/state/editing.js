/** A question that is being rewritten: its new words are a draft of their own, kept like any other. Pure. */

import { joined } from "../draft.js";

/** @import {Handler, State} from "../state.js" */

/**
 * @param {string} message
 * @returns {string} the key under which its new words are kept
 */
export function editKey(message) {
  return `edit:${message}`;
}

/**
 * What was written goes when the reader lets it be or sends it, and stays when another question is begun.
 * @type {Handler<"edit">}
 */
export function onEdit(state, { message }) {
  const done = message === null && state.editing !== null ? editKey(state.editing) : "";
  return { ...state, editing: message, drafts: state.drafts[done] ? { ...state.drafts, [done]: "" } : state.drafts };
}

/**
 * @param {State} state
 * @returns {string} the new words of the question that is being rewritten; "" while there are none
 */
export function edited({ editing, drafts }) {
  return editing === null ? "" : (drafts[editKey(editing)] ?? "");
}

/**
 * A conversation was opened: a question whose rewriting was left is being rewritten again.
 * @param {State} state
 * @param {readonly {id: string}[]} messages its own
 * @returns {string | null}
 */
export function editedAgain({ editing, drafts }, messages) {
  return editing ?? messages.findLast(({ id }) => drafts[editKey(id)]?.trim())?.id ?? null;
}

/**
 * Messages of the open conversation were deleted: the new words of those that were being rewritten go to its composer.
 * @param {State} state
 * @param {readonly string[]} ids
 * @returns {State["drafts"]} the same ones when there are no such words
 */
export function withoutEdits({ drafts, open }, ids) {
  const lost = ids.filter((id) => drafts[editKey(id)]);
  if (open.id === null || !lost.length) return drafts;
  const text = lost.reduce((before, id) => joined(before, drafts[editKey(id)] ?? ""), drafts[open.id] ?? "");
  return { ...drafts, ...Object.fromEntries(lost.map((id) => [editKey(id), ""])), [open.id]: text };
}
