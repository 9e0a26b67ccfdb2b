/**
 * Requests the server has not acknowledged yet: questions, other answers, continuations. Pure.
 *
 * Each keeps its id through every retry and reload, and the server takes one id once; so sending again is safe
 * and nothing is asked twice.
 */

import { readRequest } from "../frames.js";
import { readFiles } from "./attached.js";

/** @import {RequestFrame} from "../frames.js" */
/** @import {Attachment} from "../objects.js" */

/**
 * @typedef {object} Waiting
 * @property {RequestFrame} frame
 * @property {string} view where it was asked: a conversation's id, or a new conversation's own key
 * @property {string} [tab] of this browser that asked it, as storage has it
 * @property {readonly Attachment[]} [files] what its `attachments` are, to show them
 */
/** @typedef {readonly Waiting[]} Outbox */

/** Codes after which the same request can work later, unchanged: it stays in the outbox. */
const PASSING = new Set(["shutting_down"]);

/**
 * Whether an error ends a request.
 * @param {string} code
 * @returns {boolean}
 */
export function isFinal(code) {
  return !PASSING.has(code);
}

/**
 * @param {Outbox} outbox
 * @param {Waiting} waiting
 * @returns {Outbox}
 */
export function put(outbox, waiting) {
  return outbox.some(({ frame }) => frame.id === waiting.frame.id) ? outbox : [...outbox, waiting];
}

/**
 * @param {Outbox} outbox
 * @param {string} id
 * @returns {Outbox} the same one when there is nothing to remove
 */
export function remove(outbox, id) {
  return outbox.some(({ frame }) => frame.id === id) ? outbox.filter(({ frame }) => frame.id !== id) : outbox;
}

/**
 * @param {Outbox} outbox
 * @param {string} id
 * @returns {Waiting | null}
 */
export function find(outbox, id) {
  return outbox.find(({ frame }) => frame.id === id) ?? null;
}

/**
 * The outbox as it was kept in storage; damaged entries are left out.
 * @param {unknown} stored
 * @returns {Waiting[]}
 */
export function readOutbox(stored) {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((/** @type {unknown} */ entry) => {
    if (typeof entry !== "object" || entry === null || !("frame" in entry)) return [];
    const frame = readRequest(entry.frame);
    const view = "view" in entry && typeof entry.view === "string" ? entry.view : "";
    const files = "files" in entry ? readFiles(entry.files) : [];
    const tab = "tab" in entry && typeof entry.tab === "string" ? { tab: entry.tab } : {};
    return frame ? [{ frame, view, ...tab, ...(files.length ? { files } : {}) }] : [];
  });
}
