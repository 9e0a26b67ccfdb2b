/** Moments on the shared page, in the language of the page. */

import { language, say } from "../say.js";

/**
 * @param {number} when_ms
 * @returns {string} as the server writes it, in the words of the language
 */
export function momentText(when_ms) {
  const at = new Date(when_ms);
  const written = language() === "en" ? "en-GB" : language();
  return say("{day}, {time} UTC", {
    day: at.toLocaleDateString(written, { dateStyle: "long", timeZone: "UTC" }),
    time: at.toLocaleTimeString(written, { timeStyle: "short", timeZone: "UTC" }),
  });
}

/**
 * Writes the moments that the server wrote, in English, in the page's language.
 * @param {ParentNode} page
 */
export function inLanguage(page) {
  if (language() === "en") return;
  for (const time of page.querySelectorAll("time")) {
    const at_ms = Date.parse(time.dateTime);
    if (!Number.isNaN(at_ms)) time.textContent = momentText(at_ms);
  }
}
