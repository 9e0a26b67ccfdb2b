/** Where the focus goes in the list when rows come, go and move. */

/** @import {ConversationList} from "./conversation-list.js" */

/** The server is waited for this many frames; what it has not moved by then keeps the focus. */
const MOST_FRAMES = 120;
/** A row that is drawn anew is there after so many frames at most, also on a slow machine. */
const MOST_FRAMES_TO_DRAW = 20;

/** The focus of a list. */
export class RowFocus {
  #list;
  /** @type {string | null} the row that gets the focus once it is drawn; "" for the search */
  #next = null;

  /** @param {ConversationList} list */
  constructor(list) {
    this.#list = list;
  }

  /** @param {string} id @returns {HTMLElement | null} */
  row(id) {
    return this.#list.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  /** @param {string} id */
  async give(id) {
    if (!this.row(id)) {
      this.#list.here = id; // far away: it is drawn for this
      await this.#list.updateComplete;
      await new Promise(requestAnimationFrame);
    }
    const target = await this.#drawn(id);
    if (!target) return;
    target.focus({ preventScroll: true });
    target.closest(".row")?.scrollIntoView({ block: "nearest" });
  }

  /**
   * A row that was something else a moment ago, a field for its name, may need another frame.
   * @param {string} id
   * @returns {Promise<HTMLElement | null>} its link or box; null when it does not come
   */
  async #drawn(id) {
    for (let frames = 0; frames < MOST_FRAMES_TO_DRAW; frames += 1) {
      const target = this.row(id)?.querySelector("a.row-link, .row-box");
      if (target instanceof HTMLElement) return target;
      await new Promise(requestAnimationFrame);
    }
    return null;
  }

  /** @param {string} id gets the focus with the next rendering */
  next(id) {
    this.#next = id;
    this.#list.requestUpdate();
  }

  /** After a rendering. Rows are drawn a moment later than the list. */
  settle() {
    const next = this.#next;
    if (next === null) return;
    this.#next = null;
    requestAnimationFrame(() => (next === "" ? this.#list.toSearch() : void this.give(next)));
  }

  /**
   * When what has the focus is taken away, another row gets it.
   * @param {string} id "" for the search
   */
  whenLost(id) {
    let frames = 0;
    const look = () => {
      frames += 1;
      if (document.activeElement === document.body) this.next(id);
      else if (frames < MOST_FRAMES) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }
}
