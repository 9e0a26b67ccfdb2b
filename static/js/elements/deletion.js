/** The question before a message goes, in its place: nothing is lost by one press, and nothing opens over the page. */

import { html } from "../../vendor/lit.js";
import { say } from "../say.js";

/**
 * @param {object} choices
 * @param {() => void} choices.onDelete
 * @param {() => void} choices.onKeep
 */
export function deletion({ onDelete, onKeep }) {
  const keyed = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    onKeep();
  };
  return html`<div class="deletion" role="group" aria-label=${say("Delete this and what follows?")} @keydown=${keyed}>
    <p>${say("Delete this and what follows?")}</p>
    <button type="button" class="quiet-button danger" data-action="confirm-delete" @click=${onDelete}>${say("Delete")}</button>
    <button type="button" class="quiet-button" data-action="keep" @click=${onKeep}>${say("Keep")}</button>
  </div>`;
}
