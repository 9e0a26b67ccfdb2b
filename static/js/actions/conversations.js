/** What the reader does to see conversations: open one, begin one, look through the list. */

import { newId } from "../ids.js";
import { showAddress } from "../navigation.js";

/** @import {Parts, Some} from "../actions.js" */
/** @import {Loading} from "../loading.js" */
/** @import {Store} from "../store.js" */

/**
 * @param {Parts} parts
 * @returns {Some<"conversation-new" | "conversation-open" | "conversation-reload" | "list-search" | "list-more" | "list-refresh" | "list-view" | "list-select">}
 */
export function conversationActions({ store, loading }) {
  return {
    "conversation-new": () => open(store, loading, null),
    "conversation-open": ({ id }) => open(store, loading, id),
    "conversation-reload": () => void loading.reload(),
    "list-view": ({ view }) => {
      store.dispatch({ type: "list-view", view });
      void loading.refreshList();
    },
    "list-select": ({ ids }) => store.dispatch({ type: "select", ids }),
    "list-search": ({ query, tag }) => loading.search(query, tag),
    "list-more": () => void loading.more(),
    "list-refresh": () => void loading.refreshList(),
  };
}

/**
 * Shows a conversation, or the place for a new one.
 * @param {Store} store
 * @param {Loading} loading
 * @param {string | null} id
 * @param {{address?: "push" | "replace" | "keep"}} [options]
 */
export function open(store, loading, id, { address = "push" } = {}) {
  const here = store.state.open;
  if (id === null || id !== here.id || here.status === "failed" || here.status === "missing") {
    // A question asked on the page for a new conversation belongs to that page alone: each gets its own key.
    store.dispatch({ type: "open", id, view: id ?? `new:${newId()}` });
    if (id !== null) void loading.reload();
  }
  if (address !== "keep") showAddress(id, { replace: address === "replace" });
}
