/** A message while it is written: how long it may be, which key sends it, how two texts become one. Pure. */

import { say } from "./say.js";

/** @import {Device} from "./device.js" */

/** From this share of the limit on, the reader is told how much is left. */
const NEAR = 0.8;

/**
 * How many characters are left. The server counts characters, not UTF-16 units.
 * @param {string} text
 * @param {number} limit
 * @returns {number | null} below 0 when there are too many; null while there are plenty
 */
export function charactersLeft(text, limit) {
  if (text.length < limit * NEAR) return null; // there are never more characters than units
  let characters = 0;
  for (const _ of text) characters += 1;
  return characters < limit * NEAR ? null : limit - characters;
}

/**
 * Two texts as one message, with a blank line between them.
 * @param {string} first
 * @param {string} second
 * @returns {string}
 */
export function joined(first, second) {
  if (!first.trim()) return second;
  return second.trim() ? `${first.trimEnd()}\n\n${second}` : first;
}

/**
 * A draft with what a link brings along behind it, once.
 * @param {string} draft
 * @param {string} brought
 * @returns {string}
 */
export function withBrought(draft, brought) {
  return draft.trimEnd().endsWith(brought.trim()) ? draft : joined(draft, brought);
}

/**
 * This tab's draft after another tab changed the kept one. Only what both had is given up for what the other made of it.
 * @param {string} mine
 * @param {{before: string, now: string}} kept
 * @param {boolean} writing whether the reader is writing it in this tab; what was sent elsewhere goes all the same
 * @returns {string}
 */
export function afterOther(mine, { before, now }, writing) {
  return mine === before && (now === "" || !writing) ? now : mine;
}

/** @typedef {Pick<KeyboardEvent, "key" | "shiftKey" | "altKey" | "ctrlKey" | "metaKey">} Keys */

/**
 * Whether these keys send the message.
 * @param {Keys} keys
 * @param {Device["send_key"]} send_key
 * @returns {boolean}
 */
export function sends({ key, shiftKey, altKey, ctrlKey, metaKey }, send_key) {
  if (key !== "Enter" || shiftKey || altKey) return false;
  return send_key === "enter" || ctrlKey || metaKey;
}

/**
 * Which keys send and which begin a new line, in words.
 * @param {Device["send_key"]} send_key
 * @param {boolean} apple whether the keyboard has ⌘ in the place of Ctrl
 * @returns {string}
 */
export function sendingWords(send_key, apple) {
  if (send_key === "enter") return say("Enter sends. Shift + Enter begins a new line.");
  return say("{key} + Enter sends. Enter begins a new line.", { key: apple ? "⌘" : say("Ctrl") });
}
