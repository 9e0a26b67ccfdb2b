/**
 * What a page may say about its widget. What is not named here is looked at by nobody: no prompt, model, token or identity
 * can come from a page. Words that only the chat understands (`resume`, `storage`, texts) are judged there.
 */

import { tried } from "./drawing.js";

/**
 * @typedef {object} Options
 * @property {string} [embed]
 * @property {string} [mode] bubble, inline, none
 * @property {string} [target]
 * @property {string} [position] bottom-right, bottom-left
 * @property {string} [offsetX]
 * @property {string} [offsetY]
 * @property {string} [width]
 * @property {string} [height]
 * @property {string} [minHeight]
 * @property {string} [maxHeight]
 * @property {string} [zIndex]
 * @property {string} [theme] auto, light, dark
 * @property {string} [color]
 * @property {string} [launcherText]
 * @property {string} [icon]
 * @property {string} [title]
 * @property {string} [greeting]
 * @property {string} [starters]
 * @property {string} [locale]
 * @property {string} [open] true or milliseconds
 * @property {string} [preload] intent, idle, none
 * @property {string} [resume] auto, always, never
 * @property {string} [storage] partitioned, memory, host
 * @property {string} [resize] fixed, content
 * @property {string} [trigger]
 * @property {string} [microphone]
 * @property {string} [credentialless]
 * @property {string} [debug]
 */

/** What goes into the style sheet, with its default. */
export const STYLES = {
  offsetX: "20px",
  offsetY: "20px",
  width: "400px",
  height: "640px",
  minHeight: "320px",
  maxHeight: "80vh",
  zIndex: "2147483000",
};

/** @param {string} name @param {string} value */
function usable(name, value) {
  if (name === "color") return /^#[0-9a-f]{6}$/i.test(value);
  // Padding takes what we want to take: a length that is not negative.
  return !/ight|dth|set/.test(name) || CSS.supports("padding-top", value);
}

/**
 * @param {any[]} sources with names in anybody's spelling: `launcher-text` of an address, `launcher_text` of the profile; the
 *     last that says something usable of an option decides, also by `false` that it is as if nobody had said anything
 * @returns {Options} what can be used of it
 */
export function readOptions(...sources) {
  /** @type {Record<string, number>} of the starters as they are written, brackets and all */
  const LONGEST = { greeting: 280, starters: 2000 };
  /** @type {any} */
  const said = {};
  for (const given of sources) {
    for (const name in given) {
      tried(() => {
        const value = given[name];
        const ours = name.replace(/[-_]./g, (two) => two.slice(1).toUpperCase());
        const text = `${typeof value === "object" ? JSON.stringify(value) : value}`.trim().slice(0, LONGEST[ours] || 400);
        const found = [text, `${text}px`].find((one) => usable(ours, one));
        if (text === "false") delete said[ours];
        else if (value != null && found != null) said[ours] = found;
      });
    }
  }
  return said;
}
