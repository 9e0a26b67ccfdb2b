/** What stands in the middle of the page when there is no conversation to show there. */

import { html } from "../../vendor/lit.js";
import { say } from "../say.js";
import { CONVERSATION_LOST } from "../state/refused.js";

/** @typedef {{heading: string, about: string, way: string}} Remark */

/** @type {Remark} */
const MISSING = {
  heading: say("This conversation is not here"),
  about: say("It may have been deleted, or it belongs to another browser."),
  way: say("Begin a new conversation"),
};
/** @type {Remark} */
export const FAILED = {
  heading: say("This conversation could not be loaded"),
  about: say("The server did not answer as it should. Nothing is lost."),
  way: say("Try again"),
};

/**
 * @param {string | null} notice what there is to tell; there is no composer here that could
 * @returns {Remark}
 */
export function missing(notice) {
  return { ...MISSING, about: notice ?? MISSING.about, way: notice === CONVERSATION_LOST ? say("Use it in a new conversation") : MISSING.way };
}

/**
 * @param {Remark} words
 * @param {() => void} act what its button does
 */
export function remark({ heading, about, way }, act) {
  return html`<div class="welcome">
    <h2>${heading}</h2>
    <p>${about}</p>
    <button type="button" class="button" @click=${act}>${way}</button>
  </div>`;
}
