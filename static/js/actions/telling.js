/** What several actions share: the reason when something did not work, and what other tabs are told as well. */

import { ApiError } from "../api.js";

/** @import {ChangedFrame} from "../frames.js" */
/** @import {Store} from "../store.js" */

/**
 * The same event the other tabs get; this tab does not wait for it.
 * @param {Store} store
 * @param {ChangedFrame["what"]} what
 * @param {string} conversation "" when it is about none
 * @param {Partial<ChangedFrame>} [news]
 */
export function changed(store, what, conversation, news = {}) {
  store.dispatch({
    type: "frame",
    frame: {
      type: "changed",
      what,
      conversation,
      title: null,
      updated_at_ms: 0,
      message: null,
      message_id: null,
      message_ids: [],
      deleted: [],
      restored: [],
      answer: null,
      answer_id: null,
      status: null,
      options: null,
      pinned: null,
      archived: null,
      tags: null,
      leaf: null,
      preferences: null,
      ...news,
    },
  });
}

/**
 * Does something over HTTP and shows the reason when it did not work.
 * @template T
 * @param {Store} store
 * @param {() => Promise<T>} work
 * @returns {Promise<T | null>}
 */
export async function told(store, work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    store.dispatch({ type: "notice", message: error.problem.message });
    return null;
  }
}
