/** Whether the visitor looks at the chat, and how many answers came while they did not. */

import { parsed } from "./storage.js";
import { readSeen, seenAll, unreadIn } from "./unread.js";

/** @import {Shown} from "../state/tree.js" */
/** @import {Kept} from "./storage.js" */
/** @import {Seen} from "./unread.js" */

const SEEN = "seen";

/** Counts. */
export class Attention {
  #kept;
  #changed;
  /** @type {Seen | null} */
  #seen;
  count = 0;

  /**
   * @param {Kept} kept
   * @param {(count: number) => void} changed
   */
  constructor(kept, changed) {
    this.#kept = kept;
    this.#changed = changed;
    this.#seen = readSeen(parsed(kept.get(SEEN)));
  }

  /**
   * @param {readonly Shown[]} shown
   * @param {boolean} looking
   */
  follow(shown, looking) {
    const messages = shown.map(({ message }) => message);
    if (looking) this.#see(seenAll(messages));
    const count = looking ? 0 : unreadIn(messages, this.#seen);
    if (count === this.count) return;
    this.count = count;
    this.#changed(count);
  }

  /** @param {Seen | null} seen */
  #see(seen) {
    if (!seen || (seen.answer === this.#seen?.answer && seen.next === this.#seen.next)) return;
    this.#seen = seen;
    this.#kept.set(SEEN, JSON.stringify(seen));
  }
}
