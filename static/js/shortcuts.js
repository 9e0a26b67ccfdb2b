/** The page's keys: one table for what they do, for the sheet that lists them and for the hints in the palette. Pure. */

import { caps } from "./key-names.js";
import { say } from "./say.js";

/**
 * @typedef {object} Shortcut
 * @property {string} id
 * @property {string} keys `Mod` is Command on a Mac and Control elsewhere
 * @property {string} what
 * @property {"everywhere" | "writing"} where
 * @property {"always" | "empty-handed" | "not-on-mac"} [fields] whether it also works while the focus is in a field: `not-on-mac` leaves a
 *   Mac's fields the key, with which they move by a paragraph. Missing: the element that has the focus handles the key itself.
 */

/** @type {readonly Shortcut[]} */
export const SHORTCUTS = [
  { id: "palette", keys: "Mod+K", what: say("Find anything: conversations, commands, models"), where: "everywhere", fields: "always" },
  { id: "new", keys: "Mod+Shift+O", what: say("New conversation"), where: "everywhere", fields: "always" },
  { id: "previous", keys: "Alt+ArrowUp", what: say("The conversation above"), where: "everywhere", fields: "not-on-mac" },
  { id: "next", keys: "Alt+ArrowDown", what: say("The conversation below"), where: "everywhere", fields: "not-on-mac" },
  { id: "search", keys: "Mod+Shift+F", what: say("Search the conversations"), where: "everywhere", fields: "always" },
  { id: "sidebar", keys: "Mod+Shift+S", what: say("Show or hide the list"), where: "everywhere", fields: "always" },
  { id: "copy", keys: "Mod+Shift+C", what: say("Copy the last answer"), where: "everywhere", fields: "always" },
  { id: "share", keys: "Mod+Shift+L", what: say("Share this conversation by a link"), where: "everywhere", fields: "always" },
  { id: "composer", keys: "Shift+Escape", what: say("Go to the message field"), where: "everywhere", fields: "always" },
  { id: "write", keys: "/", what: say("Go to the message field, outside of fields"), where: "everywhere", fields: "empty-handed" },
  { id: "shortcuts", keys: "?", what: say("This list, outside of fields"), where: "everywhere", fields: "empty-handed" },
  { id: "close", keys: "Escape", what: say("Close what is open"), where: "everywhere" },
  { id: "send", keys: "Enter", what: say("Send the message"), where: "writing" },
  { id: "line", keys: "Shift+Enter", what: say("Begin a new line"), where: "writing" },
  { id: "edit", keys: "ArrowUp", what: say("In the empty field: edit the last message"), where: "writing" },
  { id: "stop", keys: "Escape", what: say("Stop the answer that is being written"), where: "writing" },
];

/**
 * The caps of a shortcut by its id.
 * @param {string} id
 * @param {boolean} mac
 * @returns {string[]} none when there is no such shortcut
 */
export function capsOf(id, mac) {
  const shortcut = SHORTCUTS.find((one) => one.id === id);
  return shortcut ? caps(shortcut.keys, mac) : [];
}

/** @typedef {Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">} Pressed */

/**
 * What a key that was pressed asks for.
 * @param {Pressed} pressed
 * @param {{mac: boolean, inField: boolean}} where
 * @returns {string | null} the shortcut's id; null when the page leaves the key alone
 */
export function shortcutFor(pressed, { mac, inField }) {
  const found = SHORTCUTS.find(({ keys, fields }) => fields !== undefined && isPressed(keys, pressed, mac));
  if (!found || !inField || found.fields === "always") return found?.id ?? null;
  return found.fields === "not-on-mac" && !mac ? found.id : null;
}

/**
 * @param {string} keys
 * @param {Pressed} pressed
 * @param {boolean} mac
 */
function isPressed(keys, pressed, mac) {
  const parts = keys.split("+");
  const key = parts.at(-1) ?? "";
  const mod = mac ? pressed.metaKey : pressed.ctrlKey;
  const other = mac ? pressed.ctrlKey : pressed.metaKey;
  if (other || mod !== parts.includes("Mod") || pressed.altKey !== parts.includes("Alt")) return false;
  // A sign such as “?” stands under Shift on one keyboard and not on another.
  const sign = key.length === 1 && !/[A-Z]/.test(key);
  if (!sign && pressed.shiftKey !== parts.includes("Shift")) return false;
  return sameKey(key, pressed);
}

/**
 * @param {string} key
 * @param {Pressed} pressed
 */
function sameKey(key, { key: sent, code }) {
  if (sent.toUpperCase() === key.toUpperCase()) return true;
  // Keyboards of other scripts send their own letter: there the place of the key counts.
  return /^[A-Z]$/.test(key) && !/^[a-z]$/i.test(sent) && code === `Key${key}`;
}
