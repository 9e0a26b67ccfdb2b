/** The visitor's tags that fit what is typed, as a list below the field: in the search and in the dialog of tags. */

import { html } from "../../vendor/lit.js";
import { say } from "../say.js";

/** @import {Tag} from "../tags.js" */

/**
 * @param {object} list
 * @param {string} list.id of the list; those of its options are `idOfOffer`
 * @param {string} [list.kind] a class of its own
 * @param {readonly Tag[]} list.offers
 * @param {number} list.active which of them Enter takes; -1 for none
 * @param {string} [list.sign] stands before each
 * @param {(tag: string) => void} list.choose
 */
export function tagOffers({ id, kind = "", offers, active, sign = "", choose }) {
  // The field keeps the focus.
  return html`<div id=${id} class=${`tag-offers ${kind}`} role="listbox" aria-label=${say("Your tags")} @mousedown=${(/** @type {Event} */ event) => event.preventDefault()}>
      ${offers.map(({ tag, count }, at) => html`<div id=${idOfOffer(id, at)} class="tag-offer" role="option" aria-selected=${at === active} @click=${() => choose(tag)}>
        <span dir="auto">${sign}${tag}</span><span class="tag-count">${count}</span></div>`)}
    </div>`;
}

/**
 * @param {string} id of the list
 * @param {number} at
 */
export const idOfOffer = (id, at) => `${id}-${at}`;
