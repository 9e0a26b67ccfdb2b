/** What was found before a link exists, as it is shown: by kind, each with the words around it. Pure. */

import { MASK_KINDS } from "./sharing.js";

/** @import {Answer, Message} from "./objects.js" */
/** @import {Finding, MaskKind} from "./sharing.js" */
/** @import {Messages} from "./state/tree.js" */

/**
 * @typedef {object} Found
 * @property {string} before the words before it, on its line
 * @property {string} text
 * @property {string} after
 * @property {number} count how often it stands in all that is shared
 * @property {"question" | "answer" | "title" | "other"} where first; `other`: in nothing that this page knows
 * @property {number} number which question or answer of its branch that is, from 1
 */
/** @typedef {{kind: MaskKind, count: number, places: Found[]}} FoundKind */

/** So much of the line is quoted on each side. */
const AROUND = 36;

/**
 * @param {readonly Finding[]} findings
 * @param {Messages} messages
 * @returns {FoundKind[]} those kinds of which there is something, what does most harm first
 */
export function byKind(findings, messages) {
  return MASK_KINDS.flatMap((kind) => {
    const those = findings.filter((finding) => finding.kind === kind);
    if (!those.length) return [];
    return [{ kind, count: those.reduce((sum, { count }) => sum + count, 0), places: those.map((finding) => placeOf(finding, messages)) }];
  });
}

/**
 * @param {Finding} finding
 * @param {Messages} messages
 * @returns {Found}
 */
function placeOf({ text, count, message: id }, messages) {
  const message = messages.get(id ?? "");
  if (!message) return { before: "", text, after: "", count, where: id === null ? "title" : "other", number: 0 };
  const where = message.role === "assistant" ? "answer" : "question";
  return { ...quoted(message.text, text), count, where, number: numberOf(message, messages) };
}

/**
 * @param {string} whole
 * @param {string} text
 * @returns {{before: string, text: string, after: string}} the line around its first place
 */
function quoted(whole, text) {
  const at = whole.indexOf(text);
  if (at < 0) return { before: "", text, after: "" };
  const before = whole.slice(0, at).split("\n").at(-1) ?? "";
  const after = whole.slice(at + text.length).split("\n")[0] ?? "";
  return {
    before: before.length > AROUND ? `…${before.slice(-AROUND)}` : before,
    text,
    after: after.length > AROUND ? `${after.slice(0, AROUND)}…` : after,
  };
}

/**
 * @param {Message | Answer} message
 * @param {Messages} messages
 * @returns {number} how many of its role stand above it, itself included
 */
function numberOf(message, messages) {
  let count = 0;
  const seen = new Set();
  for (let at = /** @type {Message | Answer | undefined} */ (message); at && !seen.has(at.id); at = messages.get(at.parent ?? "")) {
    seen.add(at.id);
    if (at.role === message.role) count += 1;
  }
  return count;
}
