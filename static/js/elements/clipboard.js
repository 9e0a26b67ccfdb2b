/** Copying text, also where the clipboard API is missing (plain http on a home network). */

import { say } from "../say.js";

/**
 * @param {string} text
 * @returns {Promise<boolean>} whether it worked
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/**
 * @param {string} text
 * @returns {boolean}
 */
function copyBySelection(text) {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  area.readOnly = true;
  // Behind a modal dialog nothing can be selected.
  (focused?.closest("dialog") ?? document.body).append(area);
  area.select();
  const worked = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return worked;
}

/**
 * Copies, and says so on the button for a moment.
 * @param {HTMLButtonElement} button holds one element `.button-text`
 * @param {string} text
 */
export async function copyWithNotice(button, text) {
  const label = button.querySelector(".button-text");
  if (!label || button.dataset.copied) return;
  const before = label.textContent;
  const worked = await copyText(text);
  button.dataset.copied = worked ? "yes" : "no";
  label.textContent = worked ? say("Copied") : say("Not copied");
  setTimeout(() => {
    delete button.dataset.copied;
    label.textContent = before;
  }, 1_600);
}
