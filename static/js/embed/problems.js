/** What the frame itself finds wrong with a question, and what host pages are told of problems: a few codes that stay what they are. Pure. */

import { say } from "../say.js";
import { bytesOf } from "./port-messages.js";

/** @import {RequestFrame} from "../frames.js" */
/** @import {Problem} from "../objects.js" */

/** The server ends a connection that brings more than 65,536 bytes at once; whoever sends them again is shown out again. */
const MOST_BYTES = 60_000;
/** Nobody counts their characters one by one. */
const ABOUT = 100;

/**
 * @param {RequestFrame} frame
 * @returns {Problem | null} null when the connection takes it
 */
export function tooLong(frame) {
  const over = bytesOf(frame) - MOST_BYTES;
  if (frame.type !== "ask" || over <= 0) return null;
  // A character has one byte to six of them.
  const characters = Math.ceil((over * frame.text.length) / bytesOf(frame.text) / ABOUT) * ABOUT;
  return { code: "invalid_input", message: say("Your question is too long to be sent. Shorten it by about {characters} characters, or ask in several parts.", { characters }) };
}

/**
 * @param {Problem} problem
 * @returns {string} as host pages know it
 */
export function publicCode({ code }) {
  if (code === "limit_reached") return "rate_limited";
  return code === "unreachable" || code === "shutting_down" ? "offline" : code;
}
