/** The keys of a shortcut, drawn as caps. */

import { html } from "../../vendor/lit.js";

/** Whether this keyboard has Command and Option. */
export const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

/** @param {readonly string[]} caps */
export function keyCaps(caps) {
  return html`<span class="keys">${caps.map((cap) => html`<kbd>${cap}</kbd>`)}</span>`;
}
