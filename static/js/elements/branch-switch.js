/** Which of several answers or questions is shown, and the way to the others: ‹ 2 / 3 ›. */

import { html, nothing } from "../../vendor/lit.js";
import { say, sayParts } from "../say.js";
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
  const names = kind === "answer" ? say("Answers to this question") : say("Versions of this question");
  const before = kind === "answer" ? say("Previous answer") : say("Previous question");
  const after = kind === "answer" ? say("Next answer") : say("Next question");
  const step = (/** @type {number} */ by, /** @type {string} */ label, /** @type {unknown} */ icon) => {
    const other = siblings[at + by];
    return html`<button type="button" class="quiet-button" aria-label=${label} ?disabled=${other === undefined}
      @click=${() => other !== undefined && choose(other)}>${icon}</button>`;
  };
  // The eyes have a stroke for these words.
  const count = sayParts("of {count}", { count: html`${siblings.length}` }).map((part) =>
    typeof part === "string" && part ? html`<span class="visually-hidden"> ${part}</span>` : part);
  return html`<div class="switcher" role="group" aria-label=${names}>
    ${step(-1, before, previousIcon)}
    <span>${at + 1}<span aria-hidden="true"> / </span>${count}</span>
    ${step(1, after, nextIcon)}
  </div>`;
}
