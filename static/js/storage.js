/**
 * What this browser keeps: drafts with their files, messages that wait, the outbox, the chosen model, the next conversation's options, how the device
 * is set. Storage can be full or forbidden (private windows); then the page works and only forgets at a reload.
 */

import { NEW_DEVICE, readDevice } from "./device.js";
import { readOptions } from "./objects.js";
import { readFiles } from "./state/attached.js";
import { readHeld } from "./state/held.js";
import { readOutbox } from "./state/outbox.js";
import { isPrivate, isPrivateRequest } from "./state/private.js";

/** @import {Attachment, ModelOptions} from "./objects.js" */
/** @import {Device} from "./device.js" */
/** @import {Held} from "./state/held.js" */
/** @import {Outbox, Waiting} from "./state/outbox.js" */

const OUTBOX = "parley.outbox";
const MODEL = "parley.model";
const DRAFT = "parley.draft.";
const FILES = "parley.files.";
const OPTIONS = "parley.options";
const HELD = "parley.held.";
const DEVICE = "parley.device";

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

/**
 * @template T
 * @param {string} key
 * @param {(value: unknown) => T} read
 * @param {T} otherwise when there is nothing, or nothing readable
 * @returns {T}
 */
function getJson(key, read, otherwise) {
  try {
    const words = get(key);
    return words === null ? otherwise : read(JSON.parse(words));
  } catch {
    return otherwise;
  }
}

/** @returns {Waiting[]} */
export function keptOutbox() {
  return getJson(OUTBOX, readOutbox, []);
}

/**
 * Keeps one tab's changes without undoing another's: tabs share the outbox.
 * @param {Outbox} before
 * @param {Outbox} after
 * @param {string} tab this one, whose outbox it is
 */
export function keepOutbox(before, after, tab) {
  const now = new Set(after.map(({ frame }) => frame.id));
  const gone = new Set(before.map(({ frame }) => frame.id).filter((id) => !now.has(id)));
  const others = keptOutbox().filter(({ frame }) => !gone.has(frame.id) && !now.has(frame.id));
  const all = [...others, ...after.flatMap((waiting) => (isPrivateRequest(waiting) ? [] : [{ ...waiting, tab }]))];
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

/**
 * @param {string} prefix
 * @returns {string[]} what stands behind it in the keys there are
 */
function keysBehind(prefix) {
  try {
    return Object.keys(localStorage).flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
  } catch {
    return []; // Forbidden: nothing is kept.
  }
}

/** @returns {Record<string, string>} by conversation id, or "new" */
export function keptDrafts() {
  return Object.fromEntries(keysBehind(DRAFT).map((key) => [key, get(DRAFT + key) ?? ""]));
}

/**
 * @param {string} key
 * @param {string} text
 */
export function keepDraft(key, text) {
  if (!isPrivate(key)) set(DRAFT + key, text);
}

/**
 * Calls back when another tab of this browser changed a draft.
 * @param {(key: string, kept: {before: string, now: string}) => void} callback
 */
export function onDraftChange(callback) {
  addEventListener("storage", ({ key, oldValue }) => {
    // Not the event's new value: a quick writer's is old by now, and this tab would put it back.
    if (key?.startsWith(DRAFT)) callback(key.slice(DRAFT.length), { before: oldValue ?? "", now: get(key) ?? "" });
  });
}

/** @returns {Record<string, Attachment[]>} the drafts' files, by the same keys */
export function keptFiles() {
  return Object.fromEntries(keysBehind(FILES).map((key) => [key, getJson(FILES + key, readFiles, [])]));
}

/**
 * @param {string} key
 * @param {readonly Attachment[]} files
 */
export function keepFiles(key, files) {
  set(FILES + key, files.length ? JSON.stringify(files) : "");
}

/** @returns {ModelOptions} */
export function keptOptions() {
  return getJson(OPTIONS, readOptions, {});
}

/** @param {ModelOptions} options */
export function keepOptions(options) {
  set(OPTIONS, Object.keys(options).length ? JSON.stringify(options) : "");
}

/** @returns {string | null} */
export function keptModel() {
  return get(MODEL);
}

/** @param {string | null} model */
export function keepModel(model) {
  set(MODEL, model ?? "");
}

/** @returns {Record<string, Held>} by conversation id, or "new" */
export function keptHeld() {
  const kept = keysBehind(HELD).map((key) => /** @type {const} */ ([key, getJson(HELD + key, readHeld, null)]));
  return Object.fromEntries(kept.flatMap(([key, held]) => (held ? [[key, held]] : [])));
}

/** @type {Set<string>} keys of held messages that this browser would not keep */
const unkept = new Set();

/**
 * Keeps one tab's held message. One that is gone is removed only if storage has not got another tab's newer one.
 * @param {string} key
 * @param {Held | null} before
 * @param {Held | null} after
 */
export function keepHeld(key, before, after) {
  const stored = getJson(HELD + key, readHeld, null);
  if (isPrivate(key)) {
    unkept.add(key);
    return;
  }
  if (after) set(HELD + key, JSON.stringify(after));
  else if (stored?.id === before?.id) set(HELD + key, "");
  if (after && getJson(HELD + key, readHeld, null)?.id !== after.id) unkept.add(key);
  else unkept.delete(key);
}

/**
 * The held message as storage has it: all tabs go by that.
 * @param {string} key
 * @param {Held} onPage the truth where nothing can be kept
 * @returns {Held | null}
 */
export function storedHeld(key, onPage) {
  return unkept.has(key) ? onPage : getJson(HELD + key, readHeld, null);
}

/**
 * Calls back when another tab of this browser held, changed or sent a message.
 * @param {(key: string, held: Held | null) => void} callback
 */
export function onHeldChange(callback) {
  addEventListener("storage", ({ key }) => {
    if (key?.startsWith(HELD)) callback(key.slice(HELD.length), getJson(key, readHeld, null));
  });
}

/** @returns {Device} */
export function keptDevice() {
  return getJson(DEVICE, readDevice, NEW_DEVICE);
}

/** @param {Device} device */
export function keepDevice(device) {
  set(DEVICE, JSON.stringify(device));
}

/**
 * Calls back when another tab of this browser changed how it looks and behaves.
 * @param {(device: Device) => void} callback
 */
export function onDeviceChange(callback) {
  addEventListener("storage", ({ key }) => {
    if (key === DEVICE) callback(keptDevice());
  });
}
