/** How many answers came while the panel was closed, from the offset that the visitor has seen. Pure. */

import { isAnswer } from "../objects.js";

/** @import {Answer, Message} from "../objects.js" */

/** @typedef {{answer: string, next: number}} Seen the newest answer that was looked at, and how far it went then */

/** The badge has room for two digits. */
const MOST = 99;

/**
 * @param {readonly (Message | Answer)[]} shown from the first to the last
 * @param {Seen | null} seen
 * @returns {number} answers that have ended and that nobody has seen the end of
 */
export function unreadIn(shown, seen) {
  const answers = shown.filter(isAnswer);
  const at = answers.findIndex(({ id }) => id === seen?.answer);
  const news = answers.slice(Math.max(0, at)).filter(({ id, status, next, text }) => status !== "running" && text !== "" && (id !== seen?.answer || next > seen.next));
  return Math.min(MOST, news.length);
}

/**
 * @param {readonly (Message | Answer)[]} shown
 * @returns {Seen | null} all of it
 */
export function seenAll(shown) {
  const last = shown.findLast(isAnswer);
  return last ? { answer: last.id, next: last.next } : null;
}

/**
 * @param {unknown} value as it was kept
 * @returns {Seen | null}
 */
export function readSeen(value) {
  if (typeof value !== "object" || value === null || !("answer" in value) || !("next" in value)) return null;
  const { answer, next } = value;
  return typeof answer === "string" && typeof next === "number" ? { answer, next } : null;
}
