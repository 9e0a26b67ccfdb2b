/**
 * Private conversations: kept in the server's memory, and on this side on the page alone: nothing of them goes into the
 * browser's storage. Their ids say so, as the server makes them; so do the keys the page gives them before. Pure.
 */

/** @import {Waiting} from "./outbox.js" */

/** Under this the draft of a new one stands on the page. */
export const PRIVATE = "private";
/** What is written in other words than a message's own stands under a key of two parts. */
const KEY = /^(?:edit:)?private/;

/**
 * @param {string | null} key a conversation's id or view, a message's id, or the key of a draft
 * @returns {boolean}
 */
export function isPrivate(key) {
  return key !== null && KEY.test(key);
}

/**
 * @param {Waiting} waiting
 * @returns {boolean}
 */
export function isPrivateRequest({ frame, view }) {
  return isPrivate(view) || isPrivate(frame.type === "ask" ? (frame.conversation ?? null) : frame.answer);
}
