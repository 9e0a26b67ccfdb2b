/** How well an accent colour is read, by the measure of WCAG 2, in words for its owner. Pure. */

import { contrast, rgbOf, shadesOf } from "./embed/look.js";

/** A page by day and by night, as most sites have them: what the round button stands on. */
const PAGES = { light: "#ffffff", dark: "#171815" };
/** What can be told apart at all (1.4.11). */
const VISIBLE = 3;

/**
 * @param {string} color
 * @returns {string} as #rrggbb; empty when it is not one
 */
export function colourOf(color) {
  const text = color.trim().toLowerCase();
  return /^#[0-9a-f]{6}$/.test(text) ? text : "";
}

/**
 * @param {string} color as #rrggbb
 * @returns {string} what is written on it: white or black
 */
export function inkOn(color) {
  return shadesOf(color).ink;
}

/**
 * @param {string} color as #rrggbb
 * @returns {string} what its owner should know about it
 */
export function judged(color) {
  const ink = inkOn(color);
  const on = `${ink === "#ffffff" ? "White" : "Black"} text on it: ${ratio(between(color, ink))}.`;
  const hard = Object.entries(PAGES).flatMap(([name, page]) => {
    const found = between(color, page);
    return found < VISIBLE ? [`The button is hard to see on a ${name} page: ${ratio(found)}, and ${VISIBLE} : 1 is wanted.`] : [];
  });
  return [on, ...(hard.length > 0 ? hard : ["The button is seen well on light and dark pages."])].join(" ");
}

/**
 * @param {string} one
 * @param {string} other
 */
function between(one, other) {
  return contrast(rgbOf(one), rgbOf(other));
}

/** @param {number} value */
function ratio(value) {
  // Cut, not rounded: what is a hair too little is not to look like enough.
  return `${(Math.floor(value * 10) / 10).toFixed(1)} : 1`;
}
