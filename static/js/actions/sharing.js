/** The visitor's links: the list of them kept true, and the dialog in which they are made and ended. */

import { ApiError } from "../api.js";
import { say } from "../say.js";
import { openShares, withShare } from "../sharing.js";
import { listShares } from "../sharing-api.js";

/** @import {Parts, Some} from "../actions.js" */
/** @import {Share} from "../sharing.js" */
/** @import {State} from "../state.js" */
/** @import {Store} from "../store.js" */

/** Who deletes a conversation is told of its links: they are known by then, also when none was opened before. */
const FIRST_READ_MS = 3_000;
/** Nobody tells the page that a reader came or went: it looks this often while that is to be seen. */
const LOOK_MS = 5_000;

/**
 * @param {Parts} parts
 * @returns {Some<"share-open" | "share-changed" | "share-removed" | "shares-read">}
 */
export function sharingActions({ store }) {
  const keeper = new SharesKeeper(store);
  const know = (/** @type {Share[]} */ items) => store.dispatch({ type: "shares", shares: { items } });
  return {
    "share-open": ({ conversation }) => void openDialog(store, keeper, conversation),
    "share-changed": ({ share }) => know(withShare(store.state.shares.items, share)),
    "share-removed": ({ share }) => know((store.state.shares.items ?? []).filter(({ id }) => id !== share)),
    "shares-read": () => void keeper.read(),
  };
}

/**
 * @param {Store} store
 * @param {SharesKeeper} keeper
 * @param {string | null} conversation
 */
async function openDialog(store, keeper, conversation) {
  try {
    await import("../sharing-part.js");
  } catch {
    store.dispatch({ type: "notice", message: say("What sharing needs could not be loaded. Check the connection and try again.") });
    return;
  }
  store.dispatch({ type: "shares", shares: { of: conversation } });
  store.dispatch({ type: "dialog", dialog: "share" });
  await keeper.read();
}

/** Reads the list when something about it may have changed. */
class SharesKeeper {
  #store;
  /** @type {Promise<void> | null} */
  #reading = null;

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
    store.watch((state, before) => this.#watch(state, before));
    setTimeout(() => store.state.shares.items === null && void this.read(), FIRST_READ_MS);
    setInterval(() => document.visibilityState === "visible" && watched(store.state) && void this.read(), LOOK_MS);
    this.#watch(store.state, store.state);
  }

  /**
   * @param {State} state
   * @param {State} before
   */
  #watch(state, before) {
    const { items, behind, problem } = state.shares;
    const first = items === null && problem === null && state.open.id !== null;
    const again = !linked(before) && (items !== null || problem !== null);
    if (linked(state) && !this.#reading && (behind || first || again)) void this.read();
  }

  /** One after the other, and once more when the list changed meanwhile. */
  async read() {
    while (this.#reading) await this.#reading;
    this.#reading = this.#readOnce();
    await this.#reading;
    if (this.#store.state.shares.behind) await this.read();
  }

  async #readOnce() {
    const { behind } = this.#store.state.shares;
    if (behind) this.#store.dispatch({ type: "shares", shares: { behind: false } });
    try {
      this.#store.dispatch({ type: "shares", shares: { items: await listShares(), problem: null } });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#store.dispatch({ type: "shares", shares: { problem: error.problem.message } });
    } finally {
      this.#reading = null;
    }
  }
}

/** @param {State} state */
const linked = ({ mode }) => mode === "socket" || mode === "http";

/**
 * Whether how many read a link just now is to be seen.
 * @param {State} state
 */
function watched({ dialog, open, shares }) {
  return dialog === "share" || (open.id !== null && openShares(shares.items, open.id).some(({ kind }) => kind === "live"));
}
