/** What the reader does with private conversations: begin one, make it an ordinary one after all, end it. */

import { ApiError, request } from "../api.js";
import { newId } from "../ids.js";
import { draftKey } from "../state.js";
import { isPrivate, PRIVATE } from "../state/private.js";
import { open } from "./conversations.js";

/** @import {Parts, Some} from "../actions.js" */
/** @import {Loading} from "../loading.js" */
/** @import {Store} from "../store.js" */

/**
 * @param {Parts} parts
 * @returns {Some<"private-switch" | "private-close">}
 */
export function privateActions({ store, loading }) {
  return {
    "private-switch": () => switchOver(store, loading),
    "private-close": () => void close(store, loading),
  };
}

/**
 * A new private conversation; on the page for one that is not begun yet, an ordinary one again. What is written goes along.
 * @param {Store} store
 * @param {Loading} loading
 */
function switchOver(store, loading) {
  const { open: here, model } = store.state;
  const off = here.id === null && isPrivate(here.view);
  if (here.id !== null) open(store, loading, null);
  const from = draftKey(store.state.open);
  store.dispatch({ type: "open", id: null, view: `${off ? "new" : PRIVATE}:${newId()}` });
  store.dispatch({ type: "model", model });
  if (here.id === null) move(store, from, draftKey(store.state.open));
}

/**
 * @param {Store} store
 * @param {string} from
 * @param {string} to
 */
function move(store, from, to) {
  const { [from]: text = "", [to]: already = "" } = store.state.drafts;
  if (!text) return;
  store.dispatch({ type: "draft", key: from, text: "" });
  store.dispatch({ type: "draft", key: to, text: already || text });
}

/**
 * Ends the private conversation in view, on the server and here.
 * @param {Store} store
 * @param {Loading} loading
 */
async function close(store, loading) {
  const { id, view } = store.state.open;
  if (!isPrivate(view)) return;
  if (id !== null) {
    try {
      await request("DELETE", `/api/conversations/${encodeURIComponent(id)}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // One that is not there any more has ended, too.
      if (error.problem.code !== "not_found") return store.dispatch({ type: "notice", message: error.problem.message });
    }
  }
  for (const key of Object.keys(store.state.drafts)) if (isPrivate(key)) store.dispatch({ type: "draft", key, text: "" });
  if (store.state.open.view === view) open(store, loading, null, { address: "replace" });
}
