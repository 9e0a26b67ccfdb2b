/** What the page does by itself once all of it is there: it says what the page before had to say, and takes in what a link asked for. */

import { sayKept } from "./actions/visitor.js";
import { cameByLink } from "./prompt-link.js";

/** @import {ParleyApp} from "./elements/parley-app.js" */
/** @import {Store} from "./store.js" */

/**
 * @param {ParleyApp} app
 * @param {Store} store
 * @param {string} search the address's query, as it was
 */
export function firstWords(app, store, search) {
  sayKept(app);
  if (search) cameByLink(app, store, search);
}
