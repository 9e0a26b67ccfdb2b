/** What the next page of the same visit has to know of the conversation. */

import { readOutbox } from "../state/outbox.js";
import { parsed } from "./storage.js";

/** @import {Waiting} from "../state/outbox.js" */
/** @import {Kept} from "./storage.js" */

const OUTBOX = "outbox";
const FRESH = "fresh";

/** It, as long as the tab is open. */
export class Visit {
  #kept;

  /** @param {Kept} kept */
  constructor(kept) {
    this.#kept = kept;
  }

  /** Questions that the server has not taken; asked again under the same id each is one question. */
  get waiting() {
    return readOutbox(parsed(this.#kept.get(OUTBOX)));
  }

  /** @param {readonly Waiting[]} waiting */
  set waiting(waiting) {
    this.#kept.set(OUTBOX, waiting.length ? JSON.stringify(waiting) : "");
  }

  /** Whether a new conversation was asked for and has not begun: then the old one is not to come back. */
  get fresh() {
    return this.#kept.get(FRESH) !== null;
  }

  /** @param {boolean} fresh */
  set fresh(fresh) {
    this.#kept.set(FRESH, fresh ? "1" : "");
  }
}
