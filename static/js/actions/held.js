/** What the reader does with a message that waits for the end of the answer: take it back, drop it, send it anyway. */

import { joined } from "../draft.js";
import { draftKey } from "../state.js";
import { fromServer } from "../state/attached.js";

/** @import {Parts, Some} from "../actions.js" */
/** @import {Store} from "../store.js" */

/**
 * @param {Parts} parts
 * @returns {Some<"held-edit" | "held-drop" | "held-send">}
 */
export function heldActions({ store }) {
  return {
    "held-edit": () => holdNoMore(store, { back: true }),
    "held-drop": () => holdNoMore(store, { back: false }),
    "held-send": () => sendAnyway(store),
  };
}

/**
 * @param {Store} store
 * @param {{back: boolean}} how whether it goes back into the composer, before what stands there
 */
function holdNoMore(store, { back }) {
  const key = draftKey(store.state.open);
  const held = store.state.held[key];
  if (!held) return;
  if (back) {
    store.dispatch({ type: "draft", key, text: joined(held.text, store.state.drafts[key] ?? "") });
    for (const file of held.files) store.dispatch({ type: "attach", key, item: fromServer(file) });
  }
  store.dispatch({ type: "hold", key, held: null });
}

/** @param {Store} store */
function sendAnyway(store) {
  const key = draftKey(store.state.open);
  const held = store.state.held[key];
  if (held) store.dispatch({ type: "hold", key, held: { ...held, anyway: true } });
}
