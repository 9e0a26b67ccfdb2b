/** Conversations as files, from the page's side: where they are fetched, and what came of bringing some in. Pure. */

import { readConversation } from "./objects.js";
import { list, number, record, text } from "./reading.js";
import { say, sayMany } from "./say.js";

/** @import {Conversation} from "./objects.js" */

/** @typedef {"html" | "md" | "json"} Form as what conversations are carried away */
/** @typedef {{title: string, problem: string}} LeftOut a conversation that could not be read, and why */
/**
 * @typedef {object} Imported what came of an import
 * @property {readonly Conversation[]} conversations
 * @property {number} skipped how many could not be read
 * @property {readonly LeftOut[]} problems the first of those
 * @property {number} files_left_out files that this site does not take
 */

/** The forms of one conversation, the likeliest first. */
export const FORMS = /** @type {const} */ ([
  { form: "html", label: say("As a page (HTML)") },
  { form: "md", label: say("As Markdown") },
  { form: "json", label: say("As JSON") },
]);

/**
 * @param {string} conversation its id
 * @param {Form} form
 * @returns {string}
 */
export function exportPath(conversation, form) {
  return `/api/conversations/${encodeURIComponent(conversation)}?format=${form}`;
}

/**
 * Where all conversations are, in a zip file.
 * @param {Form} form
 * @returns {string}
 */
export function exportAllPath(form) {
  return `/api/export?format=${form}`;
}

/**
 * @param {unknown} value what the server answers to an import. Throws `Unreadable`.
 * @returns {Imported}
 */
export function readImported(value) {
  const raw = record(value);
  return {
    conversations: list(raw.conversations, readConversation),
    skipped: number(raw, "skipped", 0),
    problems: list(raw.problems, (one) => ({ title: text(record(one), "title", ""), problem: text(record(one), "problem", "") })),
    files_left_out: number(raw, "files_left_out", 0),
  };
}

/**
 * What came of an import, in a sentence or three.
 * @param {Imported} imported
 * @returns {string}
 */
export function saidOf({ conversations, skipped, files_left_out: files }) {
  const sentences = [sayMany(conversations.length, "Imported {count} conversation.", "Imported {count} conversations.")];
  if (files) {
    sentences.push(sayMany(files, "{count} attached file was left out: this site does not take it.", "{count} attached files were left out: this site does not take them."));
  }
  if (skipped) {
    sentences.push(sayMany(skipped, "{count} conversation could not be read and was left out.", "{count} conversations could not be read and were left out."));
  }
  return sentences.join(" ");
}

/**
 * @param {Imported} imported
 * @returns {string | null} the one conversation that came in, when nothing else has to be told
 */
export function onlyOne({ conversations, skipped, files_left_out }) {
  const [first] = conversations;
  return first && conversations.length === 1 && !skipped && !files_left_out ? first.id : null;
}
