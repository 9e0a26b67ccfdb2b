/** What the reader does, turned into events of the store and requests to the server. */

import { ApiError, changeConversation, deleteConversation } from "./api.js";
import { askFrame } from "./frames.js";
import { newId } from "./ids.js";
import { showAddress } from "./navigation.js";
import { draftKey } from "./state.js";
import { attachedTo, hindrance, readyFiles } from "./state/attached.js";
import { chosenModel, waitingInView, wantedModel } from "./state/view.js";

/** @import {Attaching} from "./attaching.js" */
/** @import {AppEvents} from "./elements/light-element.js" */
/** @import {Loading} from "./loading.js" */
/** @import {ModelOptions} from "./objects.js" */
/** @import {Store} from "./store.js" */

/** @typedef {{[K in keyof AppEvents]: (detail: AppEvents[K]) => void}} Handlers */

/**
 * A handler for each event of the elements.
 * @param {Store} store
 * @param {Loading} loading
 * @param {Attaching} attaching
 * @returns {Handlers}
 */
export function actions(store, loading, attaching) {
  return {
    "conversation-new": () => open(store, loading, null),
    "conversation-open": ({ id }) => open(store, loading, id),
    "conversation-rename": ({ id, title }) => void rename(store, id, title),
    "conversation-delete": ({ id }) => void remove(store, loading, attaching, id),
    "conversation-reload": () => void loading.reload(),
    "list-search": ({ query }) => loading.search(query),
    "list-more": () => void loading.more(),
    "list-refresh": () => void loading.refreshList(),
    "message-send": ({ text }) => send(store, attaching, text),
    "draft-change": ({ text }) => store.dispatch({ type: "draft", key: draftKey(store.state.open), text }),
    "answer-stop": ({ answer }) => store.dispatch({ type: "stop", answer }),
    "answer-again": ({ answer }) => again(store, answer),
    "answer-continue": ({ answer }) => goOn(store, answer),
    "answer-choose": ({ answer }) => void choose(store, answer),
    "model-choose": ({ model }) => store.dispatch({ type: "model", model }),
    "models-refresh": () => void loading.modelsAgain(performance.now()),
    "options-open": () => store.dispatch({ type: "panel", panel: { saving: false, problem: null } }),
    "options-close": () => store.dispatch({ type: "panel", panel: null }),
    "options-save": ({ options }) => void saveOptions(store, options),
    "files-add": ({ files }) => attaching.add(files),
    "file-remove": ({ local }) => attaching.remove(local),
    "file-retry": ({ local }) => attaching.retry(local),
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

/**
 * @param {Store} store
 * @param {Attaching} attaching
 * @param {string} text
 */
function send(store, attaching, text) {
  const { state } = store;
  const key = draftKey(state.open);
  const attached = attachedTo(state, key);
  if (!text.trim() || waitingInView(state).length || hindrance(attached, chosenModel(state))) return;
  const files = readyFiles(attached);
  const frame = askFrame({
    id: newId(),
    text,
    conversation: state.open.id,
    parent: state.open.id === null ? null : leafOnPage(state),
    model: wantedModel(state),
    options: state.open.id === null ? state.options : {},
    attachments: files.map(({ id }) => id),
  });
  store.dispatch({ type: "draft", key, text: "" });
  attaching.clear(key);
  store.dispatch({ type: "queue", waiting: { frame, view: state.open.view, ...(files.length ? { files } : {}) } });
}

/**
 * @param {import("./state.js").State} state
 * @returns {string | null} the message the next question follows
 */
function leafOnPage({ messages, leaf }) {
  return leaf !== null && messages.has(leaf) ? leaf : null;
}

/**
 * @param {Store} store
 * @param {string} answer
 */
function again(store, answer) {
  const { open: here } = store.state;
  const model = wantedModel(store.state);
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
 * @param {Store} store
 * @param {string} answer
 */
async function choose(store, answer) {
  store.dispatch({ type: "choose", message: answer });
  const { open: here, leaf } = store.state;
  if (here.id === null || leaf === null) return;
  await told(store, () => changeConversation(here.id ?? "", { leaf }));
}

/**
 * @param {Store} store
 * @param {string} id
 * @param {string} title
 */
async function rename(store, id, title) {
  const conversation = await told(store, () => changeConversation(id, { title }));
  if (conversation) changed(store, id, "renamed", { title: conversation.title, at: conversation.updated_at_ms });
}

/**
 * Those of a conversation that does not exist yet go with its first question.
 * @param {Store} store
 * @param {ModelOptions} options
 */
async function saveOptions(store, options) {
  const show = (/** @type {import("./state.js").Panel | null} */ panel) => store.dispatch({ type: "panel", panel });
  const { open: here } = store.state;
  if (here.id === null) {
    const beginning = waitingInView(store.state).length > 0;
    if (beginning) return show({ saving: false, problem: "The conversation is just being begun. Try again in a moment." });
    store.dispatch({ type: "options", options });
    return show(null);
  }
  show({ saving: true, problem: null });
  try {
    const conversation = await changeConversation(here.id, { options });
    changed(store, here.id, "options", { title: null, at: 0, options: conversation.options });
    if (store.state.open.id === here.id) show(null);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (store.state.panel) show({ saving: false, problem: error.problem.message });
  }
}

/**
 * @param {Store} store
 * @param {Loading} loading
 * @param {Attaching} attaching
 * @param {string} id
 */
async function remove(store, loading, attaching, id) {
  const done = await told(store, async () => {
    await deleteConversation(id);
    return true;
  });
  if (!done) return;
  if (store.state.open.id === id) open(store, loading, null, { address: "replace" });
  store.dispatch({ type: "draft", key: id, text: "" });
  attaching.clear(id);
  changed(store, id, "deleted");
}

/**
 * The same event the other tabs get; this tab does not wait for it.
 * @param {Store} store
 * @param {string} conversation
 * @param {"renamed" | "options" | "deleted"} what
 * @param {{title: string | null, at: number, options?: ModelOptions}} [news]
 */
function changed(store, conversation, what, news = { title: null, at: 0 }) {
  store.dispatch({
    type: "frame",
    frame: {
      type: "changed",
      what,
      conversation,
      title: news.title,
      updated_at_ms: news.at,
      message: null,
      answer: null,
      answer_id: null,
      status: null,
      options: news.options ?? null,
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
async function told(store, work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    store.dispatch({ type: "notice", message: error.problem.message });
    return null;
  }
}
