/** What a screen reader is told about answers: their beginning and their end, never the stream. Pure. */

import { ending } from "../facts.js";

/** @import {Answer} from "../objects.js" */

/**
 * The sentence for a change of the answer in view; "" keeps silent.
 * @param {Answer | null} before the newest answer as it was
 * @param {Answer | null} now the newest answer of the same conversation
 * @returns {string}
 */
export function announcement(before, now) {
  if (!now) return "";
  if (now.status === "running") return before?.id === now.id && before.status === "running" ? "" : "Answering…";
  if (before?.id !== now.id || before.status !== "running") return "";
  if (now.status === "done") return [`Finished, ${words(now.text)}.`, ending(now) ?? ""].join(" ").trim();
  if (now.status === "stopped") return `Stopped, ${words(now.text)}.`;
  return `The answer failed: ${now.error?.message ?? "the server stopped while it was writing."}`;
}

/**
 * @param {string} text
 * @returns {string}
 */
function words(text) {
  const count = text.match(/\S+/g)?.length ?? 0;
  return count === 1 ? "1 word" : `${count} words`;
}
