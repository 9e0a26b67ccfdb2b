/** What the reader does in a conversation: ask, again, continue, stop, edit, choose a branch, delete from a message on. */

import { changeConversation, deleteMessage } from "../api.js";
import { askFrame } from "../frames.js";
import { newId } from "../ids.js";
import { draftKey } from "../state.js";
import { attachedTo, hindrance, readyFiles } from "../state/attached.js";
import { editKey } from "../state/editing.js";
import { isPrivate } from "../state/private.js";
import { chosenModel, waitingInView, wantedModel } from "../state/view.js";
import { changed, told } from "./telling.js";

/** @import {Parts, Some} from "../actions.js" */
/** @import {Attaching} from "../attaching.js" */
/** @import {Place} from "../state.js" */
/** @import {Store} from "../store.js" */

/**
 * @param {Parts} parts
 * @returns {Some<"message-send" | "answer-stop" | "answer-again" | "answer-continue" | "message-choose" | "message-delete"
 *   | "question-edit" | "edit-change" | "question-resend">}
 */
export function turnActions({ store, attaching }) {
  const choose = choosing();
  return {
    "message-send": (message) => send(store, attaching, message),
    "answer-stop": ({ answer }) => store.dispatch({ type: "stop", answer }),
    "answer-again": ({ answer, model }) => again(store, answer, model),
    "answer-continue": ({ answer }) => goOn(store, answer),
    "message-choose": ({ message }) => choose(store, message),
    "message-delete": ({ message }) => void deleteFrom(store, message),
    "question-edit": ({ message }) => store.dispatch({ type: "edit", message }),
    "edit-change": ({ message, text }) => store.dispatch({ type: "draft", key: editKey(message), text }),
    "question-resend": ({ message, text }) => resend(store, message, text),
  };
}

/**
 * @param {Store} store
 * @param {Attaching} attaching
 * @param {{text: string, from: Place}} message
 */
function send(store, attaching, { text, from }) {
  const { state } = store;
  if (from.view !== state.open.view) return; // that conversation was just left: the text stays in its draft
  const key = draftKey(state.open);
  const attached = attachedTo(state, key);
  if (!text.trim() || waitingInView(state).length || hindrance(attached, chosenModel(state))) {
    store.dispatch({ type: "notice", message: null }); // the composer shows its text again
    return;
  }
  const files = readyFiles(attached);
  const frame = askFrame({
    id: newId(),
    text,
    conversation: state.open.id,
    parent: state.open.id === null ? null : leafOnPage(state),
    model: wantedModel(state),
    options: state.open.id === null ? state.options : {},
    attachments: files.map(({ id }) => id),
    hidden: state.open.id === null && isPrivate(state.open.view),
  });
  store.dispatch({ type: "draft", key, text: "" });
  attaching.clear(key);
  store.dispatch({ type: "queue", waiting: { frame, view: state.open.view, ...(files.length ? { files } : {}) } });
}

/**
 * @param {import("../state.js").State} state
 * @returns {string | null} the message the next question follows
 */
function leafOnPage({ messages, leaf }) {
  return leaf !== null && messages.has(leaf) ? leaf : null;
}

/**
 * @param {Store} store
 * @param {string} answer
 * @param {string | null} [model] who is asked this time; otherwise the chosen one
 */
function again(store, answer, model = wantedModel(store.state)) {
  const { open: here } = store.state;
  const frame = { type: /** @type {const} */ ("again"), id: newId(), answer, ...(model === null ? {} : { model }) };
  store.dispatch({ type: "queue", waiting: { frame, view: here.view } });
}

/**
 * @param {Store} store
 * @param {string} answer
 */
function goOn(store, answer) {
  const frame = { type: /** @type {const} */ ("continue"), id: newId(), answer };
  store.dispatch({ type: "queue", waiting: { frame, view: store.state.open.view } });
}

/**
 * Shows another branch at once, and has the server remember it: one choice after the other, so that the last one stays.
 * @returns {(store: Store, message: string) => void}
 */
function choosing() {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  return (store, message) => {
    store.dispatch({ type: "choose", message });
    const { open: here, leaf } = store.state;
    const { id } = here;
    if (id === null || leaf === null) return;
    last = last.then(async () => {
      if (!(await told(store, () => changeConversation(id, { leaf })))) store.dispatch({ type: "unchosen", leaf });
    });
  };
}

/**
 * Asks a question in other words: a branch beside the old one, with the same files.
 * @param {Store} store
 * @param {string} id
 * @param {string} text
 */
function resend(store, id, text) {
  const { state } = store;
  const old = state.messages.get(id);
  if (!old || state.open.id === null || !text.trim() || waitingInView(state).length) return;
  const files = old.attachments;
  const frame = askFrame({
    id: newId(),
    text,
    conversation: state.open.id,
    parent: old.parent,
    model: wantedModel(state),
    options: {},
    attachments: files.map((file) => file.id),
  });
  store.dispatch({ type: "edit", message: null });
  store.dispatch({ type: "queue", waiting: { frame, view: state.open.view, ...(files.length ? { files } : {}) } });
}

/**
 * @param {Store} store
 * @param {string} message
 */
async function deleteFrom(store, message) {
  const gone = await told(store, () => deleteMessage(message));
  if (!gone) return;
  const { conversation, message_ids } = gone;
  changed(store, "pruned", conversation.id, { message_id: message, message_ids, leaf: conversation.leaf });
}
