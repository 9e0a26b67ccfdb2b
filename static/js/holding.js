/** Sends a held message once its answer has ended; of all tabs of this browser, one. */

import { askFrame } from "./frames.js";
import { heldHere } from "./state/held.js";
import { wantedModel } from "./state/view.js";
import { storedHeld } from "./storage.js";

/** @import {Held} from "./state/held.js" */
/** @import {State} from "./state.js" */
/** @import {Store} from "./store.js" */

/**
 * Watches the store for held messages that nothing is in the way of any more.
 * @param {Store} store
 */
export function watchHeld(store) {
  let busy = false;
  const look = async () => {
    if (busy) return;
    busy = true;
    // Not at once: the event that ended the answer is still being told to others.
    for (let here = heldHere(store.state); here?.prospect === "goes"; here = heldHere(store.state)) {
      await alone(`parley.held.${store.state.open.id}`, () => release(store));
    }
    busy = false;
  };
  store.watch((state) => {
    if (heldHere(state)?.prospect === "goes") void look();
  });
  void look();
}

/**
 * Sends the open conversation's held message, if it is still the one that storage has.
 * @param {Store} store
 */
function release(store) {
  const { state } = store;
  const key = state.open.id;
  const here = heldHere(state);
  if (key === null || here?.prospect !== "goes") return;
  const stored = storedHeld(key, here.held);
  if (stored?.id === here.held.id) {
    // First into the outbox, then out of storage: whatever ends this page in between, the message is in one of them.
    // Being in both does no harm, since it has one id.
    store.dispatch({ type: "queue", waiting: question(state, key, here.held) });
    store.dispatch({ type: "hold", key, held: null });
  } else {
    // Another tab was quicker, or has changed it.
    store.dispatch({ type: "hold", key, held: stored });
  }
}

/**
 * @param {State} state
 * @param {string} conversation
 * @param {Held} held
 * @returns {import("./state/outbox.js").Waiting}
 */
function question(state, conversation, { id, text, files }) {
  const parent = state.leaf !== null && state.messages.has(state.leaf) ? state.leaf : null;
  const attachments = files.map((file) => file.id);
  const frame = askFrame({ id, text, conversation, parent, model: wantedModel(state), options: {}, attachments });
  return { frame, view: state.open.view, ...(files.length ? { files } : {}) };
}

/**
 * Does something while no other tab does it. Where locks are missing (plain http on a home network) it is just done,
 * a moment later: the question's id then makes two of them one.
 * @param {string} name
 * @param {() => void} work
 * @returns {Promise<void>}
 */
async function alone(name, work) {
  if ("locks" in navigator) await navigator.locks.request(name, async () => work());
  else await Promise.resolve().then(work);
}
