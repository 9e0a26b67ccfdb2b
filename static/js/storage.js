/**
 * What this browser keeps: drafts, the outbox, the chosen model. Storage can be full or forbidden (private
 * windows); then the page works and only forgets at a reload.
 */

import { readOutbox } from "./state/outbox.js";

/** @import {Outbox, Waiting} from "./state/outbox.js" */

const OUTBOX = "parley.outbox";
const MODEL = "parley.model";
const DRAFT = "parley.draft.";

/**
 * @param {string} key
 * @returns {string | null}
 */
function get(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {string} value "" removes it
 */
function set(key, value) {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch {
    // Full or forbidden: nothing to do, what is on the page stays on the page.
  }
}

/** @returns {Waiting[]} */
export function keptOutbox() {
  try {
    return readOutbox(JSON.parse(get(OUTBOX) ?? "[]"));
  } catch {
    return [];
  }
}

/**
 * Keeps one tab's changes without undoing another's: tabs share the outbox.
 * @param {Outbox} before
 * @param {Outbox} after
 */
export function keepOutbox(before, after) {
  const now = new Set(after.map(({ frame }) => frame.id));
  const gone = new Set(before.map(({ frame }) => frame.id).filter((id) => !now.has(id)));
  const others = keptOutbox().filter(({ frame }) => !gone.has(frame.id) && !now.has(frame.id));
  const all = [...others, ...after];
  set(OUTBOX, all.length ? JSON.stringify(all) : "");
}

/**
 * Calls back with the ids that are no longer in the outbox because another tab got them acknowledged.
 * @param {(kept: ReadonlySet<string>) => void} callback
 */
export function onOutboxChange(callback) {
  addEventListener("storage", ({ key }) => {
    if (key === OUTBOX) callback(new Set(keptOutbox().map(({ frame }) => frame.id)));
  });
}

/** @returns {Record<string, string>} by conversation id, or "new" */
export function keptDrafts() {
  /** @type {Record<string, string>} */
  const drafts = {};
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(DRAFT)) drafts[key.slice(DRAFT.length)] = get(key) ?? "";
    }
  } catch {
    // Forbidden: no drafts.
  }
  return drafts;
}

/**
 * @param {string} key
 * @param {string} text
 */
export function keepDraft(key, text) {
  set(DRAFT + key, text);
}

/** @returns {string | null} */
export function keptModel() {
  return get(MODEL);
}

/** @param {string | null} model */
export function keepModel(model) {
  set(MODEL, model ?? "");
}
