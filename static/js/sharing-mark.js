/** What the page says about links outside of their dialog: on the button for sharing, and when a conversation is deleted. Pure. */

import { say, sayMany } from "./say.js";
import { openShares } from "./sharing.js";

/** @import {Share} from "./sharing.js" */

/**
 * @param {readonly Share[]} open its links that lead somewhere
 * @returns {string}
 */
export function markWords(open) {
  if (!open.length) return say("Share");
  const readers = open.reduce((sum, share) => sum + share.readers, 0);
  return readers ? sayMany(readers, "Shared · {count} reader now", "Shared · {count} readers now") : say("Shared");
}

/**
 * @param {readonly Share[] | null} shares
 * @param {readonly string[]} conversations that are deleted
 * @returns {string} what becomes of their links; "" when they have none
 */
export function endingWords(shares, conversations) {
  const ending = conversations.reduce((sum, id) => sum + openShares(shares, id).length, 0);
  return ending ? sayMany(ending, "Its link has ended; Undo brings it back.", "{count} links have ended; Undo brings them back.") : "";
}
