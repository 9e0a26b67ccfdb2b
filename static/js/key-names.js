/** What is printed on the keys, and the few keys that the first page names: apart from the table of all, which comes later. Pure. */

import { say } from "./say.js";

const MAC_KEYS = { Mod: "⌘", Shift: "⇧", Alt: "⌥", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Enter: "↩" };
const OTHER_KEYS = { Mod: say("Ctrl"), Shift: say("Shift"), Enter: say("Enter"), ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" };

/**
 * The caps to press, as they are printed on the keyboard.
 * @param {string} keys as in the table
 * @param {boolean} mac
 * @returns {string[]}
 */
export function caps(keys, mac) {
  /** @type {Record<string, string>} */
  const names = mac ? MAC_KEYS : OTHER_KEYS;
  return keys.split("+").map((key) => names[key] ?? key);
}

/** The keys that the first page names; those of `shortcuts.js` by these ids. */
export const FIRST_KEYS = /** @type {const} */ ({ palette: "Mod+K", write: "/", shortcuts: "?" });
