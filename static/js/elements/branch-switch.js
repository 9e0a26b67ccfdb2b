/** Which of several answers or questions is shown, and the way to the others: ‹ 2 / 3 ›. */

import { html, nothing } from "../../vendor/lit.js";
import { nextIcon, previousIcon } from "./icons.js";

/**
 * @param {object} branches
 * @param {readonly string[]} branches.siblings
 * @param {string} branches.shown the one of them that is shown
 * @param {"answer" | "question"} branches.kind
 * @param {(message: string) => void} branches.choose
 */
export function branchSwitch({ siblings, shown, kind, choose }) {
  const at = siblings.indexOf(shown);
  if (siblings.length < 2 || at < 0) return nothing;
  const names = kind === "answer" ? "Answers to this question" : "Versions of this question";
  const step = (/** @type {number} */ by, /** @type {string} */ label, /** @type {unknown} */ icon) => {
    const other = siblings[at + by];
    return html`<button type="button" class="quiet-button" aria-label=${`${label} ${kind}`} ?disabled=${other === undefined}
      @click=${() => other !== undefined && choose(other)}>${icon}</button>`;
  };
  return html`<div class="switcher" role="group" aria-label=${names}>
    ${step(-1, "Previous", previousIcon)}
    <span>${at + 1}<span aria-hidden="true"> / </span><span class="visually-hidden"> of </span>${siblings.length}</span>
    ${step(1, "Next", nextIcon)}
  </div>`;
}
